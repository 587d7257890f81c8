//! A local stand-in for AWS, and a proxy in front of it that records, delays and refuses.
//!
//! The server is moto in a venv under `target/`, made on first use. `COPY_PREFLIGHT_NO_SERVER`
//! leaves the tests that need it out; each of them then prints a line that `.ci/run` counts.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use copy_preflight_rules::inputs::CALLS;

use crate::places::{say, workspace};

/// The server with its set-ups.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub port: u16,
    /// What `set_ups.py` made, by name.
    pub set_ups: serde_json::Value,
    python: PathBuf,
    /// The server ends when its standard input does, and so with this process.
    _process: Child,
}

/// The server, started on first use; `None` where it is left out.
///
/// # Panics
/// Where the machine has no Python 3, or the server does not start.
#[must_use]
pub fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(start).as_ref();
    if server.is_none() {
        say("skipped: no server");
    }
    server
}

fn start() -> Option<Server> {
    if env::var_os("COPY_PREFLIGHT_NO_SERVER").is_some_and(|value| value != "0") {
        return None;
    }
    let python = python()?;
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("it").port();
    let mut child = scrubbed(&python, "stand_in.py")
        .arg(port.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server starts");
    let clock = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let ended = child.try_wait().expect("its state");
        assert!(ended.is_none(), "the server ended: {ended:?}");
        assert!(clock.elapsed() < Duration::from_secs(120), "the server does not listen");
        thread::sleep(Duration::from_millis(50));
    }
    let mut server = Server { port, set_ups: serde_json::Value::Null, python, _process: child };
    server.set_ups = server.make("set_ups.py", &[]);
    Some(server)
}

/// A script of `tests/server`, with nothing of the environment that names accounts.
fn scrubbed(python: &Path, script: &str) -> Command {
    let mut command = Command::new(python);
    command.arg(workspace().join("tests/server").join(script));
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

impl Server {
    /// Runs a script that makes something on the server, and prints what it is called.
    ///
    /// # Panics
    /// Where it fails.
    #[must_use]
    pub fn make(&self, script: &str, arguments: &[&str]) -> serde_json::Value {
        let made = scrubbed(&self.python, script)
            .arg(format!("http://127.0.0.1:{}", self.port))
            .args(arguments)
            .stderr(Stdio::inherit())
            .output()
            .expect("the script runs");
        assert!(made.status.success(), "{script} fails");
        serde_json::from_slice(&made.stdout).expect("what it prints is JSON")
    }
}

/// A Python that has moto: that of a venv under `target/`, else the system's own.
fn python() -> Option<PathBuf> {
    let ran = |command: &mut Command| {
        let run = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        run.status().is_ok_and(|status| status.success())
    };
    if !ran(Command::new("python3").arg("--version")) {
        say("the live tests need Python 3 (`python3`), for a server that stands in for AWS; \
             COPY_PREFLIGHT_NO_SERVER=1 leaves them out");
        return None;
    }
    let target = env::var_os("CARGO_TARGET_DIR").map_or(workspace().join("target"), PathBuf::from);
    let venv = target.join("stand-in-for-aws");
    let python = venv.join("bin/python");
    let wanted = workspace().join("tests/server/requirements.txt");
    let marker = venv.join("installed.txt");
    let text = fs::read_to_string(&wanted).expect("the pinned packages");
    if fs::read_to_string(&marker).is_ok_and(|installed| installed == text) {
        return Some(python);
    }
    let installed = ran(Command::new("python3").args(["-m", "venv"]).arg(&venv))
        && ran(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(&wanted));
    if installed {
        fs::write(&marker, text).expect("the marker");
        return Some(python);
    }
    // The package index may be out of reach.
    if ran(Command::new("python3").args(["-c", "import moto.server, boto3"])) {
        return Some("python3".into());
    }
    say(
        "the packages of tests/server/requirements.txt cannot be installed, and python3 has no moto",
    );
    None
}

/// What goes wrong with an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// AWS refuses the call.
    AccessDenied,
    /// AWS refuses it so many times, because there are too many.
    Throttled(usize),
    /// The session is over.
    Expired,
    /// The body ends in the middle.
    Truncated,
    /// Something else than AWS answers.
    Html,
}

/// How the proxy behaves.
#[derive(Debug, Clone, Default)]
pub struct Manner {
    /// How long each answer takes more.
    pub delay: Duration,
    /// By permission, what goes wrong.
    pub faults: BTreeMap<String, Fault>,
    /// How long the first session of each role lasts; what it signs later is refused.
    pub first_session: Option<Duration>,
}

/// A request that went through the proxy.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The permission of its operation: `kms:DescribeKey`.
    pub permission: String,
    /// The key that signed it.
    pub access_key: String,
    /// All that tells it from other requests.
    pub whole: String,
    user_agent: String,
}

#[derive(Debug, Default)]
struct Log {
    manner: Manner,
    seen: Vec<Seen>,
    /// Answers that are given again.
    answers: BTreeMap<String, Vec<u8>>,
    /// When sessions end that were made short, by their keys.
    ends: BTreeMap<String, Instant>,
}

/// A proxy in front of the server. What was answered once is answered again from memory.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens.
    pub endpoint: String,
    log: Arc<Mutex<Log>>,
}

impl Proxy {
    /// A proxy of its own for a test.
    ///
    /// # Panics
    /// Where there is no port.
    #[must_use]
    pub fn new(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
        let log: Arc<Mutex<Log>> = Arc::default();
        let (port, shared) = (server.port, Arc::clone(&log));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    // A client that went away is no fault of the proxy.
                    let _ = serve(stream, port, &shared);
                });
            }
        });
        Self { endpoint, log }
    }

    /// Changes how it behaves, and forgets what it has seen.
    ///
    /// # Panics
    /// Where another thread of it has panicked.
    pub fn behave(&self, manner: Manner) {
        let mut log = self.log.lock().expect("the log");
        log.manner = manner;
        log.seen.clear();
        log.ends.clear();
    }

    /// What it has seen. Each request is one that the tool may send, and sent by the tool.
    ///
    /// # Panics
    /// Where it is not.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        let seen = self.log.lock().expect("the log").seen.clone();
        for request in &seen {
            assert!(
                request.user_agent.contains("app/copy-preflight"),
                "not sent by the tool: {request:?}"
            );
            assert!(
                CALLS.iter().any(|call| call.permission == request.permission),
                "not in the table of calls: {request:?}"
            );
        }
        seen
    }
}

fn serve(mut stream: TcpStream, port: u16, log: &Mutex<Log>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut lines: Vec<String> = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim_end().to_owned());
    }
    let header = |name: &str| {
        lines.iter().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let text = String::from_utf8_lossy(&body).into_owned();
    let first = lines.first().cloned().unwrap_or_default();
    let (service, region, access_key) = signer(&header("authorization").unwrap_or_default());
    let operation = operation(&service, &first, header("x-amz-target").as_deref(), &text);
    let permission = format!("{service}:{operation}");
    let target = header("x-amz-target").unwrap_or_default();
    let seen = Seen {
        permission: permission.clone(),
        access_key: access_key.clone(),
        whole: format!("{access_key} {region} {first} {target} {text}"),
        user_agent: format!(
            "{} {}",
            header("user-agent").unwrap_or_default(),
            header("x-amz-user-agent").unwrap_or_default()
        ),
    };
    let key = seen.whole.clone();
    let (delay, fault, known) = {
        let mut log = log.lock().expect("the log");
        log.seen.push(seen);
        let sent = log.seen.iter().filter(|seen| seen.whole == key).count();
        let fault = log.manner.faults.get(&permission).copied();
        let fault =
            fault.filter(|fault| !matches!(fault, Fault::Throttled(times) if sent > *times));
        let over = log.ends.get(&access_key).is_some_and(|end| Instant::now() >= *end);
        let fault = if over { Some(Fault::Expired) } else { fault };
        (log.manner.delay, fault, log.answers.get(&key).cloned())
    };
    // A session that was made short is made anew.
    let first_session = log.lock().expect("the log").manner.first_session;
    let known = known.filter(|_| permission != "sts:AssumeRole" || first_session.is_none());
    thread::sleep(delay);
    let answer = match fault {
        None | Some(Fault::Truncated) => match known {
            Some(known) => known,
            None => {
                let mut fresh = forward(port, &lines, &body)?;
                if let (Some(lasts), "sts:AssumeRole") = (first_session, permission.as_str()) {
                    fresh = shortened(&fresh, lasts, &text, &mut log.lock().expect("the log"));
                }
                log.lock().expect("the log").answers.insert(key, fresh.clone());
                fresh
            }
        },
        Some(Fault::AccessDenied) => {
            let message = format!(
                "User: arn:aws:sts::123456789012:assumed-role/Reader/copy-preflight is not \
                 authorized to perform: {permission} because no identity-based policy allows the \
                 {permission} action"
            );
            error(&service, "AccessDenied", &message)
        }
        Some(Fault::Throttled(_)) => error(&service, "Throttling", "Rate exceeded"),
        Some(Fault::Expired) => {
            error(&service, "ExpiredToken", "The security token included in the request is expired")
        }
        Some(Fault::Html) => http(
            "404 Not Found",
            "text/html",
            "<!DOCTYPE html><html><body>This site is blocked.</body></html>",
        ),
    };
    let sent = match fault {
        Some(Fault::Truncated) => answer.len() - 20,
        _ => answer.len(),
    };
    stream.write_all(&answer[..sent])?;
    stream.shutdown(Shutdown::Both)
}

/// Service, Region and access key, from the scope of the signature.
fn signer(authorization: &str) -> (String, String, String) {
    let scope = authorization.split("Credential=").nth(1).unwrap_or_default();
    let mut parts = scope.split([',', '/']);
    let key = parts.next().unwrap_or_default().to_owned();
    let region = parts.nth(1).unwrap_or_default().to_owned();
    (parts.next().unwrap_or_default().to_owned(), region, key)
}

/// The operation of a request.
fn operation(service: &str, first: &str, target: Option<&str>, body: &str) -> String {
    if let Some(target) = target {
        return target.rsplit('.').next().unwrap_or_default().to_owned();
    }
    if matches!(service, "iam" | "sts") {
        let action = body.split('&').find_map(|pair| pair.strip_prefix("Action="));
        return action.unwrap_or_default().to_owned();
    }
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = path.split('?').next().unwrap_or_default().trim_matches('/');
    let parts: Vec<&str> = path.split('/').collect();
    let name = match (method, parts.as_slice()) {
        ("GET", ["backup-vaults"]) => "ListBackupVaults",
        ("GET", ["backup-vaults", _]) => "DescribeBackupVault",
        ("GET", ["backup-vaults", _, "access-policy"]) => "GetBackupVaultAccessPolicy",
        ("GET", ["backup-vaults", _, "recovery-points"]) => "ListRecoveryPointsByBackupVault",
        ("GET", ["backup-vaults", _, "recovery-points", ..]) => "DescribeRecoveryPoint",
        ("GET", ["tags", ..]) => "ListTags",
        ("GET", ["global-settings"]) => "DescribeGlobalSettings",
        ("GET", ["account-settings"]) => "DescribeRegionSettings",
        ("GET", ["backup", "plans", _]) => "GetBackupPlan",
        ("GET", ["backup", "plans", _, "selections"]) => "ListBackupSelections",
        ("GET", ["backup", "plans", _, "selections", _]) => "GetBackupSelection",
        ("GET", ["backup", "plans"]) => "ListBackupPlans",
        ("GET", ["copy-jobs"]) => "ListCopyJobs",
        ("GET", ["copy-jobs", _]) => "DescribeCopyJob",
        _ => first,
    };
    name.to_owned()
}

/// The answer of `AssumeRole` with a session that ends soon, where it is the first of its role.
fn shortened(answer: &[u8], lasts: Duration, asked: &str, log: &mut Log) -> Vec<u8> {
    let before = log.seen.iter().filter(|seen| seen.whole.ends_with(asked)).count();
    if before > 1 {
        return answer.to_vec();
    }
    let text = String::from_utf8_lossy(answer).into_owned();
    let between = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>")).expect("the member");
        rest.split_once('<').expect("its end").0.to_owned()
    };
    log.ends.insert(between("AccessKeyId"), Instant::now() + lasts);
    let end = jiff::Timestamp::now() + jiff::SignedDuration::try_from(lasts).expect("a time");
    let end = format!("{:.3}", end);
    let body = text.split_once("\r\n\r\n").expect("a body").1;
    http("200 OK", "text/xml", &body.replace(&between("Expiration"), &end))
}

fn forward(port: u16, lines: &[String], body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut upstream = TcpStream::connect(("127.0.0.1", port))?;
    let kept = lines.iter().filter(|line| !line.to_lowercase().starts_with("connection:"));
    let head: Vec<&str> = kept.map(String::as_str).collect();
    write!(upstream, "{}\r\nConnection: close\r\n\r\n", head.join("\r\n"))?;
    upstream.write_all(body)?;
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer)?;
    Ok(answer)
}

fn error(service: &str, code: &str, message: &str) -> Vec<u8> {
    if matches!(service, "iam" | "sts") {
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}\
             </Message></Error><RequestId>0</RequestId></ErrorResponse>"
        );
        return http("403 Forbidden", "text/xml", &body);
    }
    let body = serde_json::json!({ "__type": format!("{code}Exception"), "message": message });
    http("400 Bad Request", "application/x-amz-json-1.1", &body.to_string())
}

fn http(status: &str, kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

//! The GitHub Action and the pre-commit hooks: what describes them, and their scripts as written.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use copy_preflight_tests::folders::copy_folder;
use copy_preflight_tests::places::{read, workspace};
use copy_preflight_tests::running::binary;
use serde_json::Value;

/// A vault policy that no copy gets through, with a Sid on a line of its own.
const REFUSED: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Copies",
      "Effect": "allow",
      "Principal": { "AWS": "arn:aws:iam::111122223333:root" },
      "Action": "backup:CopyIntoBackupVault",
      "Resource": "*"
    }
  ]
}
"#;

/// The same, and right.
fn admitted() -> String {
    REFUSED.replace("\"allow\"", "\"Allow\"")
}

/// A checked-out repository and what GitHub's runner gives to a step.
struct Job {
    folder: tempfile::TempDir,
}

/// What a step left behind.
#[derive(Debug)]
struct Step {
    exit: i32,
    log: String,
    error: String,
    summary: String,
    outputs: BTreeMap<String, String>,
}

impl Job {
    fn of<N: AsRef<Path>>(files: impl IntoIterator<Item = (N, String)>) -> Self {
        let job = Self { folder: tempfile::tempdir().unwrap() };
        for part in ["repository", "runner"] {
            fs::create_dir(job.folder.path().join(part)).unwrap();
        }
        for (name, text) in files {
            let path = job.repository().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        job
    }

    fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    fn runner(&self, name: &str) -> PathBuf {
        self.folder.path().join("runner").join(name)
    }

    /// Runs the script as `action.yml` does, on the binary of the tests.
    fn step(&self, inputs: &[(&str, &str)]) -> Step {
        self.step_on(&binary(), inputs)
    }

    fn step_on(&self, binary: &Path, inputs: &[(&str, &str)]) -> Step {
        // Each step has files of its own.
        for file in ["output", "summary"] {
            fs::write(self.runner(file), "").unwrap();
        }
        let output = scrubbed(&workspace().join("action/lint.sh"))
            .current_dir(self.repository())
            .env("GITHUB_OUTPUT", self.runner("output"))
            .env("GITHUB_STEP_SUMMARY", self.runner("summary"))
            .env("RUNNER_TEMP", self.folder.path().join("runner"))
            .env("INPUT_BINARY", binary)
            .envs(inputs.iter().copied())
            .output()
            .unwrap();
        Step {
            exit: output.status.code().unwrap(),
            log: text(&output.stdout),
            error: text(&output.stderr),
            summary: read(&self.runner("summary")),
            outputs: outputs(&read(&self.runner("output"))),
        }
    }
}

/// A command that sees nothing of the caller but the path.
fn scrubbed(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Outputs as the runner reads them: `NAME=VALUE`, or `NAME<<WORD`, lines, `WORD`.
fn outputs(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (name, value) = match line.split_once("<<") {
            Some((name, end)) => {
                let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
                (name, value.join("\n"))
            }
            None => {
                let (name, value) = line.split_once('=').expect(line);
                (name, value.to_owned())
            }
        };
        assert!(found.insert(name.to_owned(), value).is_none(), "{name} is set twice");
    }
    found
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&read(&workspace().join(path))).unwrap()
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|one| one.permissions().mode() & 0o111 != 0)
}

#[test]
fn the_action_is_described_as_github_reads_it() {
    let action = yaml("action.yml");
    let schema = read(&workspace().join("tests/schemas/github-action.json"));
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&action)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");

    // Each input reaches the script under the name that the script reads, and none is left over.
    let script = read(&workspace().join("action/lint.sh"));
    let steps = action["runs"]["steps"].as_array().unwrap();
    let [step] = steps.as_slice() else { panic!("{} steps", steps.len()) };
    let inputs = action["inputs"].as_object().unwrap();
    let mut given: Vec<String> = Vec::new();
    for (name, value) in step["env"].as_object().unwrap() {
        assert!(script.contains(&format!("${{{name}:-")), "the script does not read {name}");
        let value = value.as_str().unwrap();
        let input = value.strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}"));
        given.push(input.expect(value).to_owned());
    }
    given.sort_unstable();
    let mut declared: Vec<String> = inputs.keys().cloned().collect();
    declared.sort_unstable();
    assert_eq!(given, declared);
    // Without a `with`, so that the two lines of a workflow are enough.
    assert!(
        inputs.values().all(|input| input["required"] == false && input["default"].is_string())
    );
    for (name, output) in action["outputs"].as_object().unwrap() {
        assert_eq!(output["value"], format!("${{{{ steps.lint.outputs.{name} }}}}"));
        assert!(script.contains(&format!("output {name} ")), "the script does not set {name}");
    }

    // An expression here would be replaced before the shell reads the line.
    let run = step["run"].as_str().unwrap();
    assert!(!run.contains("${{"), "{run}");
    assert_eq!(run, "\"$GITHUB_ACTION_PATH/action/lint.sh\"");
    assert!(is_program(&workspace().join("action/lint.sh")));
}

#[test]
fn a_finding_is_an_annotation_a_summary_and_a_failed_step() {
    let job = Job::of([("policies/vault.json", REFUSED.to_owned())]);
    let step = job.step(&[]);
    assert_eq!(step.exit, 1, "{step:#?}");
    assert!(step.log.contains("::error file=policies/vault.json,line=6,"), "{}", step.log);
    assert!(step.summary.contains("policies/vault.json:6"), "{}", step.summary);
    assert_eq!(step.summary.matches("### ").count(), 1, "told once: {}", step.summary);
    assert_eq!(step.error, "");
    let sarif = job.runner("copy-preflight.sarif");
    assert_eq!(step.outputs["sarif"], sarif.to_str().unwrap());
    assert_eq!(step.outputs["exit-code"], "1");
    assert_eq!(step.outputs.len(), 2);
    let sarif: Value = serde_json::from_str(&read(&sarif)).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let annotations = step.log.lines().filter(|line| line.contains(" file=")).count();
    assert!(annotations > 0);
    assert_eq!(results.len(), annotations, "{results:#?}\n{}", step.log);
}

#[test]
fn nothing_found_is_a_step_that_passes() {
    let job = Job::of([("policies/vault.json", admitted())]);
    let step = job.step(&[]);
    assert_eq!(step.exit, 0, "{step:#?}");
    assert!(!step.log.contains("::error"), "{}", step.log);
    assert!(step.summary.contains("copy-preflight"), "{}", step.summary);
    assert_eq!(step.outputs["exit-code"], "0");
}

#[test]
fn inputs_say_what_is_judged_and_what_fails() {
    let without_version = admitted().replace("  \"Version\": \"2012-10-17\",\n", "");
    let job = Job::of([
        ("a b/one.json", REFUSED.to_owned()),
        ("c/two.json", REFUSED.to_owned()),
        ("d/three.json", without_version),
    ]);
    let judged = |inputs: &[(&str, &str)]| {
        let step = job.step(inputs);
        let names = ["one.json", "two.json", "three.json"];
        (step.exit, names.map(|name| step.log.contains(&format!("{name},line="))))
    };
    assert_eq!(judged(&[]), (1, [true, true, true]));
    assert_eq!(judged(&[("INPUT_PATHS", "a b")]), (1, [true, false, false]));
    assert_eq!(judged(&[("INPUT_PATHS", "a b/one.json\r\n\nc\n")]), (1, [true, true, false]));
    assert_eq!(judged(&[("INPUT_PATHS", "\n")]), (1, [true, true, true]));
    assert_eq!(judged(&[("INPUT_PATHS", "d")]), (0, [false, false, true]));
    let strict = [("INPUT_PATHS", "d"), ("INPUT_FAIL_ON", "suggestion")];
    assert_eq!(judged(&strict), (1, [false, false, true]));
    let sarif = job.repository().join("found here.sarif");
    let step = job.step(&[("INPUT_SARIF", "found here.sarif")]);
    assert_eq!((step.exit, sarif.is_file()), (1, true));
}

#[test]
fn names_and_inputs_are_never_code() {
    let names = [
        "::error::owned.json",
        "$(touch owned).json",
        "`touch owned`.json",
        "; touch owned; .json",
        "a\n::error::owned.json",
        "%0A::error::owned.json",
        "--exit-zero.json",
        "'\"\\.json",
        "*.json",
    ];
    let job = Job::of(names.map(|name| (format!("p/{name}"), REFUSED.to_owned())));
    let listed = format!("p\np/{}\np/{}", names[1], names[6]);
    for inputs in [
        &[][..],
        &[("INPUT_PATHS", listed.as_str())],
        &[("INPUT_SARIF", "$(touch owned)\nexit-code=0\nend<<x")],
    ] {
        let step = job.step(inputs);
        assert_eq!(step.exit, 1, "{step:#?}");
        let annotations: Vec<&str> =
            step.log.lines().filter(|line| line.starts_with("::")).collect();
        assert_eq!(annotations.len(), names.len(), "{}", step.log);
        for line in annotations {
            assert!(line.starts_with("::error file=p/"), "{line}");
        }
        assert_eq!(step.outputs.keys().collect::<Vec<_>>(), ["exit-code", "sarif"]);
        assert_eq!(step.outputs["exit-code"], "1");
        assert!(!job.repository().join("owned").exists());
    }
    for (input, value) in [
        ("INPUT_FAIL_ON", "error --exit-zero"),
        ("INPUT_FAIL_ON", "error; touch owned"),
        ("INPUT_PATHS", "--exit-zero"),
        ("INPUT_PATHS", "$(touch owned)"),
        ("INPUT_BINARY", "touch owned"),
        ("INPUT_BINARY", "$(touch owned)"),
    ] {
        let step = job.step(&[(input, value)]);
        assert_eq!(step.exit, 2, "{input}={value}: {step:#?}");
        assert!(step.log.contains("::error title=copy-preflight::"), "{}", step.log);
        assert!(format!("{}{}", step.log, step.error).contains(value), "{step:#?}");
        assert!(step.summary.contains("could not do its work"), "{}", step.summary);
        assert_eq!(step.outputs["exit-code"], "2");
        assert!(!job.repository().join("owned").exists());
    }
}

/// A program that writes down its arguments, a line each, and ends with a code.
fn recorder(job: &Job, code: i32) -> PathBuf {
    let path = job.runner("recorder");
    let record = job.runner("record");
    let script = format!(
        "#!/usr/bin/env bash\nprintf '%s\\n' \"$@\" >>'{}'\ncase \" $* \" in *' --exit-zero '*) exit 0;; esac\nexit {code}\n",
        record.display()
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn an_undecided_planned_copy_and_an_interruption_are_passed_on() {
    for (code, exit) in [(3, 3), (0, 0), (1, 1), (2, 2), (130, 2), (101, 2)] {
        let job = Job::of([("a.json", admitted())]);
        let step = job.step_on(&recorder(&job, code), &[]);
        assert_eq!(step.exit, exit, "{code}");
        assert_eq!(step.outputs["exit-code"], exit.to_string());
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = scrubbed(Path::new("git"))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
        .args(["-c", "init.defaultBranch=main", "-C"])
        .arg(folder)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout).trim().to_owned()
}

/// The checkout of a pull request holds one commit; the base of it is fetched.
#[test]
fn the_base_is_fetched_and_passed_on() {
    let job = Job::of([("origin/vault.json", admitted())]);
    let origin = job.repository().join("origin");
    git(&origin, &["init", "--quiet"]);
    git(&origin, &["add", "."]);
    git(&origin, &["commit", "--quiet", "-m", "before"]);
    let before = git(&origin, &["rev-parse", "HEAD"]);
    git(&origin, &["branch", "before"]);
    fs::write(origin.join("vault.json"), REFUSED).unwrap();
    git(&origin, &["commit", "--quiet", "-am", "after"]);
    let hostile = "--upload-pack=touch owned";
    for (base, passed) in [
        (before.as_str(), before.as_str()),
        ("before", &before),
        // Not there: lint says so itself.
        ("nowhere", "nowhere"),
        (hostile, hostile),
    ] {
        let clone = job.folder.path().join("clone");
        let url = format!("file://{}", origin.display());
        git(job.folder.path(), &["clone", "--quiet", "--depth=1", &url, "clone"]);
        let output = scrubbed(&workspace().join("action/lint.sh"))
            .current_dir(&clone)
            .env("RUNNER_TEMP", job.folder.path().join("runner"))
            .env("INPUT_BINARY", recorder(&job, 0))
            .env("INPUT_BASE", base)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{base}: {}", text(&output.stderr));
        let record = job.runner("record");
        let recorded = read(&record);
        let bases: Vec<&str> =
            recorded.lines().filter_map(|line| line.strip_prefix("--base=")).collect();
        assert_eq!(bases, [passed, passed], "{base}: {recorded}");
        if passed == before {
            assert_eq!(git(&clone, &["cat-file", "-t", passed]), "commit");
        }
        assert!(!clone.join("owned").exists());
        fs::remove_file(record).unwrap();
        fs::remove_dir_all(clone).unwrap();
    }
}

/// A pull request takes the source account out of the policy of a vault that a planned copy enters.
#[test]
fn a_pull_request_that_breaks_a_planned_copy_fails_on_its_line() {
    let job = Job::of([("origin/README.md", String::new())]);
    let origin = job.repository().join("origin");
    let versions = workspace().join("fixtures/lint/pull-request");
    copy_folder(&versions.join("before"), &origin);
    git(&origin, &["init", "--quiet"]);
    git(&origin, &["add", "."]);
    git(&origin, &["commit", "--quiet", "-m", "before"]);
    let before = git(&origin, &["rev-parse", "HEAD"]);
    copy_folder(&versions.join("after"), &origin);
    git(&origin, &["commit", "--quiet", "-am", "after"]);

    let url = format!("file://{}", origin.display());
    let folder = job.repository();
    fs::rename(&origin, folder.with_file_name("origin")).unwrap();
    let url = url.replace("/repository/origin", "/origin");
    git(&folder, &["clone", "--quiet", "--depth=1", &url, "."]);
    let step = job.step(&[("INPUT_BASE", before.as_str())]);
    assert_eq!(step.exit, 1, "{step:#?}");
    let annotation = "::error file=policies/central-vault.json,line=7,";
    let found = step.log.lines().find(|line| line.starts_with(annotation)).expect(&step.log);
    assert!(found.contains("prod to central"), "{found}");
    assert!(step.summary.contains("prod to central"), "{}", step.summary);
    let sarif: Value = serde_json::from_str(&read(Path::new(&step.outputs["sarif"]))).unwrap();
    assert!(sarif["runs"][0]["results"].to_string().contains("prod to central"), "{sarif:#}");

    // The same folder against itself: nothing is new.
    let head = git(&folder, &["rev-parse", "HEAD"]);
    let step = job.step(&[("INPUT_BASE", head.as_str())]);
    assert!(!step.log.contains("file=policies/"), "{}", step.log);
}

fn hook(folder: &Path, arguments: &[impl AsRef<OsStr>]) -> Output {
    scrubbed(&workspace().join("action/pre-commit.sh"))
        .current_dir(folder)
        .env("COPY_PREFLIGHT_BINARY", binary())
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn the_hook_judges_the_files_that_it_is_given() {
    let job = Job::of([
        ("bad.json", REFUSED.to_owned()),
        ("--exit-zero", REFUSED.to_owned()),
        ("good one.json", admitted()),
    ]);
    let folder = job.repository();
    let good = hook(&folder, &["good one.json"]);
    assert_eq!(good.status.code(), Some(0), "{}", text(&good.stdout));
    let bad = hook(&folder, &["--format=concise", "good one.json", "bad.json"]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(text(&bad.stdout).contains("bad.json:6:"), "{}", text(&bad.stdout));
    assert!(!text(&bad.stdout).contains("good one.json:"), "{}", text(&bad.stdout));
    // A file, although its name is that of a flag.
    let odd = hook(&folder, &["--kind=vault-policy", "--exit-zero"]);
    assert_eq!(odd.status.code(), Some(1), "{}", text(&odd.stderr));
}

/// Without a binary one is built where the scripts stand, once, and again when a source is newer.
#[test]
fn a_binary_is_built_once_for_each_state_of_the_sources() {
    let job = Job::of([
        ("crates/cli/src/main.rs", String::new()),
        ("Cargo.toml", String::new()),
        ("Cargo.lock", String::new()),
        ("a.json", admitted()),
    ]);
    let folder = job.repository();
    copy_folder(&workspace().join("action"), &folder.join("action"));
    // In the place of cargo: writes down how it was called, and installs the binary of the tests.
    let cargo = job.runner("cargo");
    let script = format!(
        "#!/usr/bin/env bash\necho \"$PWD $*\" >>'{log}'\n[[ -e '{broken}' ]] && exit 101\n\
         mkdir -p \"${{!#}}/bin\" && cp '{binary}' \"${{!#}}/bin/copy-preflight\"\n",
        log = job.runner("calls").display(),
        broken = job.runner("broken").display(),
        binary = binary().display(),
    );
    fs::write(&cargo, script).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", job.runner("").display(), std::env::var("PATH").unwrap());
    let run = || {
        // Another thread may hold a file that was just written, which then cannot be executed.
        let mut command = scrubbed(Path::new("bash"));
        command.arg(folder.join("action/pre-commit.sh")).arg("a.json");
        command.current_dir(&folder).env("PATH", &path).output().unwrap()
    };
    let calls = || read(&job.runner("calls")).lines().count();
    for _ in 0..2 {
        let ran = run();
        assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
        assert_eq!(calls(), 1);
    }
    let call = read(&job.runner("calls"));
    let folder_of_call = fs::canonicalize(&folder).unwrap();
    assert!(call.starts_with(&format!("{} install ", folder_of_call.display())), "{call}");
    assert!(call.contains(" --locked --path crates/cli --no-default-features "), "{call}");

    let source = fs::File::options().write(true).open(folder.join("crates/cli/src/main.rs"));
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
    source.unwrap().set_modified(later).unwrap();
    assert_eq!((run().status.code(), calls()), (Some(0), 2));
    // A build that fails is told; an old binary does not answer in its place.
    fs::write(job.runner("broken"), "").unwrap();
    let ran = run();
    assert_eq!((ran.status.code(), calls()), (Some(2), 3));
    assert_eq!(text(&ran.stdout), "");
}

#[test]
fn the_hooks_are_described() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let hooks = hooks.as_array().unwrap();
    let by_id = |id: &str| hooks.iter().find(|hook| hook["id"] == id).unwrap();
    let built = by_id("copy-preflight-lint");
    assert_eq!(built["language"], "script");
    assert!(is_program(&workspace().join(built["entry"].as_str().unwrap())));
    let system = by_id("copy-preflight-lint-system");
    assert_eq!(system["language"], "system");
    assert_eq!(system["entry"], "copy-preflight lint");
    for hook in hooks {
        assert!(hook["name"].is_string() && hook["description"].is_string());
        assert_eq!(hook["types_or"], serde_json::json!(["json", "yaml", "terraform"]));
        assert!(hook.get("pass_filenames").is_none(), "only the files given are judged");
    }
}

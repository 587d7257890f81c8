//! The writer of snapshots: what is kept, how a run that was cut short goes on, and for whom.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use copy_preflight::Exit;
use copy_preflight::documents::{Documents, Keep, Stop};
use copy_preflight::snapshot::Snapshot;
use copy_preflight::snapshot::write::{Resuming, Writer};
use copy_preflight_rules::check::{Settings, check};
use copy_preflight_rules::copy::{Lifecycle, SourceKeys};
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::inputs::{Address, CallRecord, Entry, ErrorAnswer, Fetched, Inputs};
use copy_preflight_rules::plan::{Request, plan};
use copy_preflight_tests::journeys::{DESTINATION, EBS, SOURCE, ebs, journey, pair};
use copy_preflight_tests::running::{outcomes, report, snapshot};
use serde_json::{Value, json};

/// A source of documents that answers from a journey, and keeps what it answers.
struct Journey<'a> {
    root: &'a Path,
    keep: &'a mut dyn Keep,
    asked: Vec<Address>,
    /// How many answers come before ctrl-C.
    patience: usize,
}

impl Documents for Journey<'_> {
    fn load(&mut self, wanted: &BTreeSet<Address>, inputs: &mut Inputs) -> Result<(), Stop> {
        for address in wanted {
            if self.asked.len() == self.patience {
                return Err(Stop::Interrupted);
            }
            self.asked.push(address.clone());
            let fetched = fetched(self.root, address);
            let kept = self.keep.keep(&fetched);
            kept.map_err(|fault| Stop::Keep("snapshot".to_owned(), fault))?;
            inputs.insert_fetched(&fetched);
        }
        Ok(())
    }
}

fn fetched(root: &Path, address: &Address) -> Fetched {
    let path = address.path();
    let refused = || ErrorAnswer {
        code: "AccessDeniedException".to_owned(),
        message: "User: arn:aws:sts::111122223333:assumed-role/audit/jane \"is\" not".to_owned(),
    };
    let text = if address.is_folder() {
        let mut inputs = Inputs::new();
        Snapshot::open(root).unwrap().load(address, &mut inputs);
        match inputs.get(address) {
            Some(Entry::Present(answer)) => {
                Ok(inputs.sources.get(answer.source).unwrap().text.to_string())
            }
            _ => Err(refused()),
        }
    } else if let Ok(text) = fs::read_to_string(root.join(format!("{path}.json"))) {
        Ok(text)
    } else if let Ok(text) = fs::read_to_string(root.join(format!("{path}.error.json"))) {
        let error: Value = serde_json::from_str(&text).unwrap();
        let member = |key: &str| error[key].as_str().unwrap().to_owned();
        Err(ErrorAnswer { code: member("code"), message: member("message") })
    } else {
        Err(refused())
    };
    let api = address.call().api;
    let outcome = text.as_ref().map_or_else(|error| error.code.clone(), |_| "ok".to_owned());
    let call = CallRecord {
        service: api.service.to_owned(),
        operation: api.operation.to_owned(),
        account: "111122223333".to_owned(),
        region: "eu-west-1".to_owned(),
        role: Some("arn:aws:sts::111122223333:assumed-role/audit/jane".to_owned()),
        request_id: None,
        started: now(),
        milliseconds: 3,
        attempts: 1,
        outcome,
    };
    Fetched { address: address.clone(), text, calls: vec![call] }
}

fn now() -> jiff::Timestamp {
    "2026-11-22T09:00:00Z".parse().unwrap()
}

/// Asks for the pair until nothing is wanted.
fn ask(documents: &mut dyn Documents) -> Result<(), Stop> {
    let facts = Facts::embedded().unwrap();
    let request = Request {
        source: SOURCE.parse().unwrap(),
        destinations: vec![DESTINATION.parse().unwrap()],
        resource_types: Vec::new(),
        variant: None,
        source_keys: SourceKeys::NotGiven,
        role: Some(pair()[5].parse().unwrap()),
        caller: None,
        recovery_point: Some(EBS.to_owned()),
        lifecycle: Lifecycle::default(),
        backup_plan: None,
        backup_plan_id: None,
        copy_job: None,
    };
    let mut inputs = Inputs::new();
    loop {
        let plan = plan(&request, &inputs, &facts);
        let report = check(&plan, &inputs, &facts, &Settings::default());
        if report.wanted.is_empty() {
            return Ok(());
        }
        documents.load(&report.wanted, &mut inputs)?;
    }
}

fn take(root: &Path, folder: &Path, patience: usize) -> (Writer, Vec<Address>, bool) {
    let (mut writer, resumed) = Writer::begin(folder, now()).unwrap();
    let mut journey = Journey { root, keep: &mut writer, asked: Vec::new(), patience };
    let done = match resumed {
        Some(resumed) => ask(&mut Resuming { resumed, rest: &mut journey }),
        None => ask(&mut journey),
    };
    let asked = journey.asked;
    (writer, asked, done.is_ok())
}

#[test]
fn what_is_written_is_judged_as_what_was_read() {
    for name in ["clear-ebs", "foreign-organization", "denied-document", "vault-without-policy"] {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("snapshots").join(name);
        let (writer, asked, done) = take(&journey(name), &target, usize::MAX);
        assert!(done && !target.exists() && writer.partial().is_dir());
        let manifest = writer.finish().unwrap();
        assert!(!target.with_file_name(format!("{name}.partial")).exists());
        assert_eq!(manifest.calls.len(), asked.len());
        let (_, found) = report(&target, &ebs());
        assert_eq!(outcomes(&found), outcomes(&report(&journey(name), &ebs()).1), "{name}");
        // The text is what came.
        let policy = "accounts/111122223333/eu-west-1/vaults/prod.policy.json";
        assert_eq!(
            fs::read(target.join(policy)).unwrap(),
            fs::read(journey(name).join(policy)).unwrap()
        );
        assert!(!target.join("calls.jsonl").exists());
        let manifest = fs::read_to_string(target.join("manifest.json")).unwrap();
        assert!(manifest.contains("arn:aws:sts::111122223333:assumed-role/audit\""));
        assert!(!manifest.contains("jane"), "{manifest}");
        let shown = snapshot("show", &[&target], &[]).json();
        assert_eq!(shown["taken_at"], "2026-11-22T09:00:00Z");
        assert_eq!(shown["problems"], json!([]));
    }
}

#[test]
#[cfg(unix)]
fn only_the_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    fn assert_private(path: &Path) {
        let mode = fs::metadata(path).unwrap().permissions().mode() & 0o777;
        if path.is_dir() {
            assert_eq!(mode, 0o700, "{}", path.display());
            fs::read_dir(path).unwrap().for_each(|entry| assert_private(&entry.unwrap().path()));
        } else {
            assert_eq!(mode, 0o600, "{}", path.display());
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("saved");
    // A folder that somebody made for all to read.
    fs::create_dir(folder.path().join("saved.partial")).unwrap();
    let (writer, _, _) = take(&journey("clear-ebs"), &target, 5);
    assert_private(writer.partial());
    let (writer, _, _) = take(&journey("clear-ebs"), &target, usize::MAX);
    writer.finish().unwrap();
    assert_private(&target);
    let copy = folder.path().join("copy");
    assert_eq!(snapshot("redact", &[&target, &copy], &[]).exit, Exit::Fine);
    assert_private(&copy);
}

#[test]
fn a_run_that_was_cut_short_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("saved");
    let (writer, first, done) = take(&journey("denied-document"), &target, 12);
    assert!(!done && first.len() == 12 && !target.exists());
    let partial = writer.partial().to_owned();
    drop(writer);
    // The line that was being written when the run ended.
    let journal = partial.join("calls.jsonl");
    let mut torn = fs::read_to_string(&journal).unwrap();
    torn.push_str("{\"service\":\"kms\",\"oper");
    fs::write(&journal, torn).unwrap();
    let (writer, second, done) = take(&journey("denied-document"), &target, usize::MAX);
    assert!(done);
    for address in &second {
        let answered = first.contains(address)
            && !address.is_folder()
            && partial.join(format!("{}.json", address.path())).exists();
        assert!(!answered, "asked twice: {address:?}");
    }
    assert!(!second.is_empty());
    let manifest = writer.finish().unwrap();
    assert_eq!(manifest.calls.len(), first.len() + second.len());
    let (_, found) = report(&target, &ebs());
    assert_eq!(outcomes(&found), outcomes(&report(&journey("denied-document"), &ebs()).1));
}

/// A refusal of the first run is no answer to the second, and leaves nothing behind.
#[test]
fn what_was_refused_is_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("saved");
    let nothing = tempfile::tempdir().unwrap();
    let (writer, _, _) = take(nothing.path(), &target, 4);
    drop(writer);
    let (writer, _, _) = take(&journey("clear-ebs"), &target, usize::MAX);
    writer.finish().unwrap();
    let (exit, _) = report(&target, &ebs());
    assert_eq!(exit, Exit::Fine);
    assert!(!target.join("organization/global-settings.error.json").exists());
}

#[test]
fn what_is_there_is_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let begin = |path: &Path| Writer::begin(path, now()).map(|_| ()).unwrap_err();
    let taken = folder.path().join("taken");
    fs::write(&taken, "").unwrap();
    assert_eq!(begin(&taken).kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(begin(folder.path()).kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(begin(&taken.join("below")).kind(), io::ErrorKind::NotADirectory);
    assert_eq!(begin(Path::new("..")).kind(), io::ErrorKind::AlreadyExists);
    // The partial folder is a file.
    fs::write(folder.path().join("new.partial"), "").unwrap();
    begin(&folder.path().join("new"));
    // An empty folder is as good as none.
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let (writer, _) = Writer::begin(&empty, now()).unwrap();
    writer.finish().unwrap();
    assert!(empty.join("manifest.json").exists());
}

#[test]
fn what_cannot_be_kept_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("saved");
    let (mut writer, _) = Writer::begin(&target, now()).unwrap();
    let role = |name: &str| format!("arn:aws:iam::111122223333:role/{name}").parse().unwrap();
    let mut keep = |address: Address, text: &str| {
        let mut fetched = fetched(folder.path(), &address);
        fetched.text = Ok(text.to_owned());
        writer.keep(&fetched).unwrap();
    };
    keep(Address::RoleAttached(role("Copy")), "the list");
    // The same name on every file system, and on one without case.
    keep(Address::Role(role("Copy.attached")), "a role");
    keep(Address::RoleAttached(role("COPY")), "another list");
    keep(Address::Role(role(&"x".repeat(300))), "a name that is too long");
    keep(Address::Role(role("Keys")), r#"{"Credentials": {"SecretAccessKey": "x"}}"#);
    let unkept = writer.unkept();
    for (part, unkept) in ["same name", "same name", "too long", "credential"].iter().zip(unkept) {
        assert!(unkept.contains(part), "{unkept}");
    }
    assert_eq!(unkept.len(), 4, "{unkept:?}");
    let manifest = writer.finish().unwrap();
    assert_eq!(manifest.calls.len(), 5);
    assert!(!target.join("accounts/111122223333/roles/Keys.json").exists());
    let path = target.join("accounts/111122223333/roles/Copy.attached.json");
    assert_eq!(fs::read_to_string(path).unwrap(), "the list");
}

#[test]
fn a_redacted_one_leaves_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("saved");
    let (writer, _, _) = take(&journey("clear-ebs"), &target, usize::MAX);
    let (_, redacted) = writer.finish_redacted().unwrap();
    assert!(redacted.files > 20);
    let entries: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap()).collect();
    assert_eq!(entries.len(), 1, "{entries:?}");
    let manifest = fs::read_to_string(target.join("manifest.json")).unwrap();
    assert!(!manifest.contains("111122223333") && manifest.contains("\"redacted\": true"));
}

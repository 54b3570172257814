//! The real program: `init` makes all or nothing, and what it makes works.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

fn init(dir: &Path, crash_at: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_invigil-server"));
    command.args(["init", "--json", "--organisation", "Test \"University\"", "--admin-login", "Admin", "--dir"]).arg(dir);
    command.env("INVIGIL_ADMIN_PASSWORD", "a password of a test").env("INVIGIL_REVIEW_PASSPHRASE", "a passphrase of a test");
    if let Some(step) = crash_at {
        command.env("INVIGIL_CRASH_AT", step);
    }
    command.output().unwrap()
}

fn run(dir: &Path, arguments: &[&str]) -> Output {
    let config = dir.join("server.toml");
    Command::new(env!("CARGO_BIN_EXE_invigil-server")).args(arguments).arg("--config").arg(config).output().unwrap()
}

#[test]
fn init_leaves_all_or_nothing_and_an_exam_can_be_added() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("invigil");
    assert!(!init(&dir, Some("init-before-rename")).status.success());
    assert!(!dir.exists());
    let made = init(&dir, None);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 1, "the interrupted one is gone");
    let again = init(&dir, None);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("something in it"));
    assert_private(&dir);

    let window = ["--start", "2026-06-01T09:00+05:00", "--end", "2026-06-01T11:00+05:00", "--policy", "kbtu"];
    let names = [
        "exam",
        "add",
        "--title",
        "T",
        "--discipline",
        "D",
        "--room",
        "Hall 1",
        "--candidate",
        "A B:7",
        "--extra-minutes",
        "7=25",
        "--json",
    ];
    let added = run(&dir, &[&names[..], &window[..]].concat());
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let added: serde_json::Value = serde_json::from_slice(&added.stdout).unwrap();
    // 11:25 with the extra time, and a calendar month.
    assert_eq!(added["expires_ms"], 1_782_887_100_000_i64);
    assert_eq!(added["joins"].as_array().unwrap().len(), 2);
    let code = added["joins"][0]["code"].as_str().unwrap();
    for folder in ["data", "keys"] {
        assert!(!holds(&dir.join(folder), code.as_bytes()), "the code is kept as a digest only");
    }
    let listed = run(&dir, &["recordings", "--json"]);
    let listed: Vec<invigil_wire::review::RecordingView> = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!((listed.len(), listed[1].who.as_str(), listed[1].ends_ms - listed[0].ends_ms), (2, "A B", 1_500_000));
    // The exam's month may be over when this test runs; then `check` rightly complains about its key.
    let checked = run(&dir, &["check", "--json"]);
    let checked: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    let problems = checked["problems"].as_array().unwrap();
    assert!(problems.iter().all(|problem| problem["what"].as_str().unwrap().contains("expired")), "{problems:?}");
}

#[test]
fn an_exam_that_was_added_halfway_leaves_a_key_that_check_names() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("invigil");
    assert!(init(&dir, None).status.success());
    let window = ["--start", "2126-06-01T09:00+05:00", "--end", "2126-06-01T11:00+05:00", "--policy", "kbtu", "--room", "Hall 1"];
    let add = ["exam", "add", "--title", "T", "--discipline", "D", "--config"];
    let mut died = Command::new(env!("CARGO_BIN_EXE_invigil-server"));
    died.args(add).arg(dir.join("server.toml")).args(window).env("INVIGIL_CRASH_AT", "exam-add-after-key");
    assert!(!died.output().unwrap().status.success());
    let key = std::fs::read_dir(dir.join("keys/erasure")).unwrap().next().unwrap().unwrap().path();
    let exam = key.file_stem().unwrap().to_str().unwrap();
    let checked = run(&dir, &["check"]);
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(!checked.status.success() && said.contains(&format!("exam:{exam}: its erasure key")) && said.contains("`exam add`"), "{said}");

    // What it says helps: the exam is added again, and the two files go.
    assert!(run(&dir, &[&add[..6], &window[..]].concat()).status.success());
    for folder in ["keys/erasure", "keys/erasure-mirror"] {
        let file = dir.join(folder).join(key.file_name().unwrap());
        assert!(said.contains(file.to_str().unwrap()), "{said}");
        std::fs::remove_file(file).unwrap();
    }
    let checked = run(&dir, &["check"]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}

#[test]
fn logs_have_no_colours_where_nobody_sees_them() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("invigil");
    assert!(init(&dir, None).status.success());
    let mut command = Command::new(env!("CARGO_BIN_EXE_invigil-server"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(dir.join("server.toml")).env_remove("NO_COLOR");
    let mut server = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    server.kill().unwrap();
    let output = server.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("recovered") && !said.contains('\u{1b}'), "{said}");
}

#[test]
fn serve_speaks_tls_only_answers_http_1_1_and_stops_when_told() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("invigil");
    assert!(init(&dir, None).status.success());
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -S -n 256 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_invigil-server")]);
    command.args(["serve", "--json", "--listen", "127.0.0.1:0", "--config"]).arg(dir.join("server.toml"));
    let mut server = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
    let address = ready["listen"].as_str().unwrap();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    let open_files: Vec<&str> = limits.lines().find(|line| line.starts_with("Max open files")).unwrap().split_whitespace().collect();
    assert_eq!(open_files[3], open_files[4], "as many open files as it may have");

    let mut second = Command::new(env!("CARGO_BIN_EXE_invigil-server"));
    let second = second.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(dir.join("server.toml")).output().unwrap();
    assert!(String::from_utf8_lossy(&second.stderr).contains("another server is running"));

    let request = "GET /v1/trust HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let answer = over_tls(address, &dir.join("keys/tls-certificate.pem"), request);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let trust: invigil_wire::agent::Trust = serde_json::from_str(body).unwrap();
    assert_eq!(ready["institution"], invigil_format::Fingerprint::of(&trust.institution).to_string());
    let mut plain = TcpStream::connect(address).unwrap();
    plain.write_all(request.as_bytes()).unwrap();
    let mut nothing = Vec::new();
    // A reset is as good as an end.
    let _ = plain.read_to_end(&mut nothing);
    assert!(!nothing.starts_with(b"HTTP"));

    let pid = nix::unistd::Pid::from_raw(i32::try_from(server.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    assert!(server.wait().unwrap().success());
}

fn over_tls(address: &str, certificate: &Path, request: &str) -> String {
    use rustls::pki_types::pem::PemObject;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(rustls::pki_types::CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let connection = rustls::ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut stream = rustls::StreamOwned::new(connection, TcpStream::connect(address).unwrap());
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn mistakes_are_explained_with_an_exit_status() {
    let parent = tempfile::tempdir().unwrap();
    let missing = run(parent.path(), &["check"]);
    assert!(!missing.status.success() && String::from_utf8_lossy(&missing.stderr).contains("read the configuration"));
}

fn assert_private(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mode = path.metadata().unwrap().permissions().mode() & 0o777;
        if path.is_dir() {
            assert_eq!(mode, 0o700, "{}", path.display());
            assert_private(&path);
        } else {
            assert_eq!(mode & 0o077, 0, "{}", path.display());
        }
    }
}

fn holds(folder: &Path, needle: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() { holds(&path, needle) } else { std::fs::read(&path).unwrap().windows(needle.len()).any(|part| part == needle) }
    })
}

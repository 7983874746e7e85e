//! A server of the tests' own, whose settings a test may change: it encrypts, and asks some users for more than their name.

use crate::support::*;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use reprieve_core::driver::{Connection, Driver};
use reprieve_core::value::Value;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

/// Who may come in how.
const WHO: &str = "\
local   all postgres           trust
host    all postgres all       trust
hostssl all bound    all       scram-sha-256
hostssl all certified all      cert
hostssl all hidden   all       trust
hostnossl all open   all       trust
hostssl all clear    all       password
hostssl all hashed   all       md5
host    all clear_open  all    password
host    all hashed_open all    md5
host    all scrambled   all    scram-sha-256
local   all clear_open         password
";

/// The server.
pub(crate) struct OwnServer {
    /// Its address, with the user that may do anything.
    pub(crate) url: String,
    /// Certificates, and the keys of clients.
    pub(crate) files: tempfile::TempDir,
    /// Holds the server's standard input, which closes with this process.
    _child: Child,
}

static SERVER: LazyLock<Option<OwnServer>> = LazyLock::new(OwnServer::start_encrypted);

/// Whether there is a PostgreSQL here that can encrypt. The wheel that a fresh machine gets was built without, and what is
/// tested on it need not wait for another to be installed; CI installs one and takes no excuse.
#[allow(clippy::disallowed_methods, reason = "what may be passed over is the caller's to say")]
pub(crate) fn can_encrypt() -> bool {
    let can = SERVER.is_some();
    assert!(
        can || std::env::var_os("REPRIEVE_TEST_ENCRYPTION").is_none(),
        "standard error says what is missing"
    );
    if !can {
        eprintln!("not run: no PostgreSQL on this machine was built with OpenSSL");
    }
    can
}

/// The server, started once.
pub(crate) fn own_server() -> &'static OwnServer {
    SERVER.as_ref().expect("a test asks first whether it can encrypt")
}

impl OwnServer {
    /// Another server, which ends with what is returned.
    pub(crate) fn start() -> Self {
        Self::start_by(&mut Command::new("sh")).expect("PostgreSQL did not start: standard error says why")
    }

    fn start_by(shell: &mut Command) -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/postgres.sh");
        let mut child = shell.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let url = url.trim().to_owned();
        (!url.is_empty()).then(|| Self { url, files: tempfile::tempdir().unwrap(), _child: child })
    }

    fn start_encrypted() -> Option<Self> {
        // Not every PostgreSQL was built with what that takes.
        let server = Self::start_by(Command::new("sh").env("REPRIEVE_TEST_POSTGRES_SSL", "1"))?;
        // The runtime of a test is under way already.
        std::thread::scope(|scope| scope.spawn(|| in_runtime(server.encrypt())).join().unwrap());
        Some(server)
    }

    /// The address for another user, to a name for which its certificate is.
    pub(crate) fn url_of(&self, user: &str, parameters: &str) -> String {
        let url = self.url.replace("postgres@127.0.0.1", &format!("{user}@localhost"));
        with(&url, &format!("hostaddr=127.0.0.1&{parameters}"))
    }

    /// The path of a file with a certificate or a key.
    pub(crate) fn file(&self, name: &str) -> String {
        self.files.path().join(name).display().to_string()
    }

    async fn encrypt(&self) {
        let mut admin = driver_at(&with(&self.url, "sslmode=disable")).connect().await.unwrap();
        let text = async |admin: &mut dyn Connection, sql: &str| match scalar(admin, sql).await {
            Value::Text(text) => PathBuf::from(text),
            other => panic!("{other:?}"),
        };
        let data = text(&mut *admin, "SHOW data_directory").await;
        let authority = authority("authority");
        self.write("root.crt", &authority.pem());
        self.write("other.crt", &self::authority("another authority").pem());
        let (certificate, key) = signed(&authority, "localhost", &["localhost"]);
        own(&data, &data.join("server.crt"), &certificate);
        own(&data, &data.join("server.key"), &key);
        own(&data, &data.join("root.crt"), &authority.pem());
        let (certificate, key) = signed(&authority, "certified", &[]);
        self.write("client.crt", &certificate);
        self.write("client.key", &key);
        own(&data, &text(&mut *admin, "SHOW hba_file").await, WHO);
        for sql in [
            "CREATE ROLE bound LOGIN PASSWORD 'right'",
            "CREATE ROLE certified LOGIN",
            "CREATE ROLE clear LOGIN PASSWORD 'right'",
            "CREATE ROLE clear_open LOGIN PASSWORD 'right'",
            "CREATE ROLE scrambled LOGIN PASSWORD 'right'",
            "SET password_encryption = md5",
            "CREATE ROLE hashed LOGIN PASSWORD 'right'",
            "CREATE ROLE hashed_open LOGIN PASSWORD 'right'",
            "RESET password_encryption",
            "CREATE ROLE hidden LOGIN",
            "CREATE ROLE open LOGIN",
            "ALTER SYSTEM SET ssl = on",
            "ALTER SYSTEM SET ssl_ca_file = 'root.crt'",
            "SELECT pg_reload_conf()",
        ] {
            exec(&mut *admin, sql).await.unwrap();
        }
        until(&mut *admin, "SELECT current_setting('ssl') = 'on'").await;
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.files.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// Writes a file that belongs to whom the folder belongs to.
fn own(folder: &Path, path: &Path, text: &str) {
    let owner = std::fs::metadata(folder).unwrap();
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    chown(path, Some(owner.uid()), Some(owner.gid())).unwrap();
}

/// Somebody who signs.
fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate and its key.
fn signed(authority: &CertifiedIssuer<'static, KeyPair>, name: &str, names: &[&str]) -> (String, String) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut parameters = CertificateParams::new(names).unwrap();
    parameters.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().unwrap();
    (parameters.signed_by(&key, authority).unwrap().pem(), key.serialize_pem())
}

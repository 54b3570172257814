//! What `init` makes: keys of every role of design.md's table in one go, configuration, policies, database, store.

use crate::acts;
use crate::config::Config;
use crate::db;
use crate::exams::{BACKDATED_MS, insert_certificate};
use crate::files;
use crate::keys::{self, TRYING_OUT_MS};
use crate::keystore::Keystore;
use crate::policies::{Policies, SHIPPED};
use crate::staff::Role as StaffRole;
use crate::staff::accounts::{self, GivenKey, NewAccount};
use crate::store::Store;
use crate::wrap;
use anyhow::Context;
use invigil_format::{Certificate, Fingerprint, InstitutionKey, ReviewPrivateKey, Role, ServerKey, Statement, Subject};
use invigil_forms::Forms;
use invigil_wire::agent::Trust;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The wrapped review key, in the installation's folder.
pub const REVIEW_KEY: &str = "review-key.json";
/// The wrapped institution key, in the installation's folder.
pub const INSTITUTION_KEY: &str = "offline/institution-key.json";

/// What the new installation is to be.
pub struct Plan {
    /// University's name.
    pub organisation: String,
    /// `https://host:port`.
    pub public_url: String,
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Names in the TLS certificate.
    pub hosts: Vec<String>,
    /// Administrator's login.
    pub login: String,
    /// Administrator's password.
    pub password: Zeroizing<String>,
    /// Passphrase of the review key.
    pub review_passphrase: Zeroizing<String>,
    /// Passphrase of the institution key.
    pub institution_passphrase: Zeroizing<String>,
    /// Folder with policies to copy; else those that ship.
    pub policies: Option<PathBuf>,
    /// Folder with forms of acts to copy; else those that ship.
    pub forms: Option<PathBuf>,
    /// Wall clock, Unix ms.
    pub now_ms: i64,
}

/// What was made.
pub struct Made {
    /// Institution's fingerprint.
    pub institution: Fingerprint,
}

/// How browsers reach a host and a port.
pub fn public_url(host: &str, port: u16) -> String {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => format!("https://[{address}]:{port}"),
        _ => format!("https://{host}:{port}"),
    }
}

/// Makes the installation in `dir`, which must not exist.
///
/// # Errors
/// When anything cannot be made; the caller removes what is there then.
pub async fn build(dir: &Path, plan: &Plan) -> anyhow::Result<Made> {
    files::create_private_dir(dir).with_context(|| format!("make {}", dir.display()))?;
    let config_path = dir.join("server.toml");
    files::write_private(&config_path, configuration(plan).as_bytes())?;
    let config = Config::load(&config_path)?;
    for file in [&config.paths.server_key, &config.paths.database, &dir.join(INSTITUTION_KEY)] {
        files::create_private_dir(file.parent().unwrap_or(dir))?;
    }
    copy_policies(&config.paths.policies, plan.policies.as_deref())?;
    copy_forms(&config.paths.forms, plan.forms.as_deref())?;
    files::create_private_dir(&config.paths.attachments)?;
    Keystore::open(&config.paths.keystore, &config.paths.keystore_mirror)?;
    Store::open(&config.paths.store)?;

    let (institution_seed, server_seed) = (keys::random_secret()?, keys::random_secret()?);
    let institution = InstitutionKey::from_seed(&institution_seed)?;
    let server = ServerKey::from_seed(&server_seed)?;
    let review = ReviewPrivateKey::from_bytes(*keys::random_secret()?);
    let fingerprint = Fingerprint::of(&institution.public());
    keys::write_server_key(&config.paths.server_key, &server, &server_seed)?;
    let tls = tls_key(plan, &config)?;

    let issue = |role, subject: Subject, name: &str, delegate| -> anyhow::Result<Statement> {
        Ok(institution.state(&Certificate {
            role,
            institution: fingerprint,
            subject,
            name: name.to_owned(),
            not_before_ms: plan.now_ms - BACKDATED_MS,
            not_after_ms: plan.now_ms + TRYING_OUT_MS,
            exam: None,
            recording: None,
            delegate,
        })?)
    };
    let delegate = Some(vec![Role::Tls, Role::Erasure, Role::Device]);
    let certificates = vec![
        issue(Role::Server, server.public().into(), "server", delegate)?,
        issue(Role::Tls, tls, "TLS", None)?,
        issue(Role::Review, review.public()?.into(), "review key made by init", None)?,
    ];
    let trust = Trust { institution: institution.public(), certificates };
    files::write_private(&config.paths.trust, (serde_json::to_string_pretty(&trust)? + "\n").as_bytes())?;

    let passphrases = (plan.institution_passphrase.clone(), plan.review_passphrase.clone());
    let (institution_wrapped, review_wrapped) = tokio::task::spawn_blocking(move || -> anyhow::Result<_> {
        Ok((wrap::institution_key(&institution, &institution_seed, &passphrases.0)?, wrap::review_key(&review, &passphrases.1)?))
    })
    .await
    .context("wrap the keys")??;
    files::write_private(&dir.join(INSTITUTION_KEY), institution_wrapped.as_bytes())?;
    files::write_private(&dir.join(REVIEW_KEY), review_wrapped.text.as_bytes())?;

    let db = db::open(&config.paths.database, true).await?;
    for certificate in &trust.certificates {
        insert_certificate(&db, certificate, plan.now_ms, None, None).await?;
    }
    let account = NewAccount {
        login: plan.login.clone(),
        name: plan.login.clone(),
        role: StaffRole::Admin,
        post: String::new(),
        password: plan.password.clone(),
        review_key: Some(GivenKey { public: review_wrapped.public, name: "review key made by init".into(), wrapped: review_wrapped.text }),
    };
    accounts::add(&db, account, "cli", plan.now_ms).await?;
    db.close().await?;
    Ok(Made { institution: fingerprint })
}

fn tls_key(plan: &Plan, config: &Config) -> anyhow::Result<Subject> {
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).context("make the TLS key")?;
    let mut hosts = plan.hosts.clone();
    for always in ["localhost", "127.0.0.1", "::1"] {
        if !hosts.iter().any(|host| host == always) {
            hosts.push(always.to_owned());
        }
    }
    let mut params = rcgen::CertificateParams::new(hosts).context("make the TLS certificate for these host names")?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, plan.hosts.first().map_or("invigil", String::as_str));
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.self_signed(&pair).context("sign the TLS certificate")?;
    let key = Zeroizing::new(pair.serialize_pem());
    files::write_private(&config.paths.tls_certificate, certificate.pem().as_bytes())?;
    files::write_private(&config.paths.tls_key, key.as_bytes())?;
    Ok(keys::tls_subject(&key)?.into())
}

fn copy_policies(to: &Path, from: Option<&Path>) -> anyhow::Result<()> {
    if let Some(from) = from {
        Policies::load(from)?;
    }
    copy(to, from, &SHIPPED)?;
    Policies::load(to).map(|_| ())
}

fn copy_forms(to: &Path, from: Option<&Path>) -> anyhow::Result<()> {
    if let Some(from) = from {
        Forms::load(from)?;
    }
    copy(to, from, &acts::SHIPPED_FORMS)?;
    Forms::load(to).map(|_| ()).map_err(Into::into)
}

/// Puts the TOML files of `from`, or those that ship, into a new folder.
fn copy(to: &Path, from: Option<&Path>, shipped: &[(&str, &str)]) -> anyhow::Result<()> {
    files::create_private_dir(to)?;
    let Some(from) = from else {
        return shipped.iter().try_for_each(|(name, text)| files::write_private(&to.join(name), text.as_bytes()));
    };
    for entry in std::fs::read_dir(from).with_context(|| format!("list {}", from.display()))? {
        let path = entry?.path();
        if let (Some(name), true) = (path.file_name(), path.extension().is_some_and(|ending| ending == "toml")) {
            files::write_private(&to.join(name), &std::fs::read(&path).with_context(|| format!("read {}", path.display()))?)?;
        }
    }
    Ok(())
}

/// The sample with this installation's values: one text to keep right, not two.
fn configuration(plan: &Plan) -> String {
    let sample = include_str!("../../config/server.toml");
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let mut out = String::with_capacity(sample.len());
    for line in sample.lines() {
        let value = match line.split(" = ").next() {
            Some("organisation") => Some(quoted(&plan.organisation)),
            Some("address") => Some(quoted(&plan.listen.to_string())),
            Some("public_url") => Some(quoted(&plan.public_url)),
            _ => None,
        };
        match (value, line.split(" = ").next()) {
            (Some(value), Some(key)) => out.push_str(&format!("{key} = {value}")),
            _ if line.starts_with("# Sample of server.toml") => {
                out.push_str("# Settings of this installation. Relative paths count from the folder of this file.")
            }
            _ => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

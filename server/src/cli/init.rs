//! `invigil-server init`: a new installation with all its keys, for trying out. In production the institution key is made and kept elsewhere.

use super::secret::{Secret, Sources};
use crate::config::Config;
use crate::files;
use crate::install::{self, Plan};
use anyhow::{Context, bail, ensure};
use clap::Args as ClapArgs;
use invigil_clock::wall_ms;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(ClapArgs)]
pub(super) struct Args {
    /// Folder to make; must not exist or be empty.
    #[arg(long)]
    dir: PathBuf,
    /// University's name.
    #[arg(long, env = "INVIGIL_ORGANISATION")]
    organisation: Option<String>,
    /// Host name or address under which agents and browsers reach the server; the first one stands in join links.
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// Login of the administrator, who is also the first reviewer.
    #[arg(long, env = "INVIGIL_ADMIN_LOGIN")]
    admin_login: Option<String>,
    /// File with the administrator's password; else the environment variable INVIGIL_ADMIN_PASSWORD; else asked for.
    #[arg(long)]
    admin_password_file: Option<PathBuf>,
    /// File with the passphrase of the review key; else INVIGIL_REVIEW_PASSPHRASE; else asked for.
    #[arg(long)]
    review_passphrase_file: Option<PathBuf>,
    /// File with the passphrase of the institution key; else INVIGIL_INSTITUTION_PASSPHRASE; else the review key's.
    #[arg(long)]
    institution_passphrase_file: Option<PathBuf>,
    /// Make password and passphrase and print them.
    #[arg(long)]
    generate: bool,
    /// Folder with policies to copy; else those that ship with the program.
    #[arg(long)]
    policies: Option<PathBuf>,
    /// Folder with forms of acts to copy; else those that ship with the program.
    #[arg(long)]
    forms: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    refuse_occupied(&args.dir)?;
    let organisation = match args.organisation.clone() {
        Some(name) => name,
        None => super::secret::ask("University's name (--organisation)")?,
    };
    let login = match args.admin_login.clone() {
        Some(login) => login,
        None => super::secret::ask("Administrator's login (--admin-login)")?,
    };
    ensure!(
        !organisation.trim().is_empty() && !login.trim().is_empty(),
        "the university's name and the administrator's login must not be empty"
    );
    let secret = |what, file: &Option<PathBuf>, env| Sources { what, file: file.as_deref(), env, generate: args.generate, new: true }.get();
    let password = secret("administrator's password", &args.admin_password_file, "INVIGIL_ADMIN_PASSWORD")?;
    let passphrase = secret("review key's passphrase", &args.review_passphrase_file, "INVIGIL_REVIEW_PASSPHRASE")?;
    let institution_given = args.institution_passphrase_file.is_some() || std::env::var_os("INVIGIL_INSTITUTION_PASSPHRASE").is_some();
    let institution = match institution_given {
        true => secret("institution key's passphrase", &args.institution_passphrase_file, "INVIGIL_INSTITUTION_PASSPHRASE")?.text,
        false => passphrase.text.clone(),
    };
    let hosts = if args.hosts.is_empty() { vec![args.listen.ip().to_string()] } else { args.hosts.clone() };
    let plan = Plan {
        organisation,
        public_url: install::public_url(&hosts[0], args.listen.port()),
        listen: args.listen,
        hosts,
        login,
        password: password.text.clone(),
        review_passphrase: passphrase.text.clone(),
        institution_passphrase: institution,
        policies: args.policies.clone(),
        forms: args.forms.clone(),
        now_ms: wall_ms(),
    };
    let made = build(&args.dir, &plan).await?;
    let config = args.dir.join("server.toml");
    Config::load(&config)?;
    report(&args, &plan, &made, &config, &password, &passphrase)?;
    Ok(ExitCode::SUCCESS)
}

/// Makes everything in a folder beside the wanted one and renames it when it is whole and synced: `init` leaves all or nothing.
async fn build(dir: &Path, plan: &Plan) -> anyhow::Result<install::Made> {
    let name = dir.file_name().with_context(|| format!("--dir {}: expected a folder with a name", dir.display()))?;
    let above = dir.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(above).with_context(|| format!("make {}", above.display()))?;
    let unfinished = above.join(format!(".{}.unfinished", name.to_string_lossy()));
    if unfinished.exists() {
        std::fs::remove_dir_all(&unfinished)
            .with_context(|| format!("remove what an interrupted init left in {}", unfinished.display()))?;
    }
    let made = install::build(&unfinished, plan).await;
    let finish = || -> std::io::Result<()> {
        files::sync_tree(&unfinished)?;
        crate::crash::point("init-before-rename");
        std::fs::rename(&unfinished, dir)?;
        files::sync_dir(above)
    };
    match made {
        Ok(made) => finish().with_context(|| format!("move the finished installation to {}", dir.display())).map(|()| made),
        Err(error) => {
            // Best effort: the next init removes it as well.
            let _ = std::fs::remove_dir_all(&unfinished);
            Err(error)
        }
    }
}

fn refuse_occupied(dir: &Path) -> anyhow::Result<()> {
    match std::fs::read_dir(dir) {
        Ok(mut entries) => match entries.next() {
            Some(_) => bail!("{} exists and has something in it: init makes new installations only; choose another folder", dir.display()),
            None => Ok(()),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("look into {}", dir.display())),
    }
}

fn report(args: &Args, plan: &Plan, made: &install::Made, config: &Path, password: &Secret, passphrase: &Secret) -> anyhow::Result<()> {
    if args.json {
        let mut out = serde_json::json!({
            "dir": args.dir, "config": config, "review_url": format!("{}/", plan.public_url), "login": plan.login,
            "institution": made.institution, "review_key": args.dir.join(install::REVIEW_KEY), "institution_key": args.dir.join(install::INSTITUTION_KEY),
        });
        if password.generated {
            out["admin_password"] = password.text.as_str().into();
        }
        if passphrase.generated {
            out["review_passphrase"] = passphrase.text.as_str().into();
        }
        println!("{out}");
        return Ok(());
    }
    println!("installation   {}", args.dir.display());
    println!("configuration  {}", config.display());
    println!("review page    {}/", plan.public_url);
    println!("login          {}", plan.login);
    if password.generated {
        println!("password       {}", password.text.as_str());
    }
    if passphrase.generated {
        println!("passphrase     {}", passphrase.text.as_str());
    }
    println!("institution    {}", made.institution);
    println!("\nThis made every key in one place, which is for trying out. Before real exams:");
    println!("- move {} to an offline medium that two officers keep;", args.dir.join("offline").display());
    println!("- give {} to the reviewers and remove it here;", args.dir.join(install::REVIEW_KEY).display());
    println!("- put paths.keystore_mirror on another disk.");
    println!("\nstart it with: invigil-server serve --config {}", config.display());
    Ok(())
}

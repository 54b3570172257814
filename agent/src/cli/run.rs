//! `invigil-agent run`.

use super::hide;
use crate::capture::given;
use crate::run::{Options, Outcome, run as run_agent};
use crate::sound;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Exit status when something is still in the spool.
pub(super) const LEFT: u8 = 3;
/// Exit status when the recording has expired.
const EXPIRED: u8 = 4;

/// Records until it is stopped with Ctrl-C (SIGINT), then uploads the rest; a second signal leaves at once.
///
/// That stop, and the end of --duration, say that the exam is over for this candidate or room, and end the recording for good. A shutdown (SIGTERM) does not: the run is
/// closed within seconds, and as after a power failure or a kill the next start goes on with the recording. With --no-finish it always goes on.
///
/// Exit status: 0 when everything is stored on the server, 3 when something is left in the spool (start again with the same --join and --spool), 4 when
/// the recording has expired, 64 for a command line that is not understood, 1 for any other failure.
#[derive(clap::Args)]
pub struct Args {
    /// Address of the server, `https://HOST:PORT`; several times if it has several (in the environment separated by commas). They are tried in turn.
    #[arg(long, env = "INVIGIL_SERVER", required = true, value_delimiter = ',')]
    server: Vec<String>,
    /// Join link, or CODE.FINGERPRINT. In the environment other users of this computer do not see it.
    #[arg(long, env = "INVIGIL_JOIN", hide_env_values = true, value_name = "CODE_OR_LINK")]
    join: String,
    /// webcam, webcam:N, file:PATH, rtsp://HOST/PATH or test; several times for several cameras. @FILE stands for the cameras in a file that only its
    /// owner can read, one a line: the place for passwords (rtsp://USER:PASSWORD@HOST/PATH), as is the variable INVIGIL_CAMERAS, which counts if there
    /// is no --camera. Without either, the first webcam.
    #[arg(long, value_name = "SPEC")]
    camera: Vec<String>,
    /// Microphone, where the exam's policy asks for sound: default, none, or a name that `cameras` lists.
    #[arg(long, value_name = "SPEC", env = "INVIGIL_MICROPHONE", default_value = "default")]
    microphone: sound::Spec,
    /// Folder for what is not uploaded yet; the same one after a restart.
    #[arg(long, default_value = "invigil-spool")]
    spool: PathBuf,
    /// Largest spool, MiB. Without it only the reserve bounds it. Before it is full fewer pictures a second are recorded; full, nothing is, until the server has
    /// taken something.
    #[arg(long, value_name = "MIB", env = "INVIGIL_SPOOL_MAX_MIB", value_parser = clap::value_parser!(u64).range(16..=1_000_000_000))]
    spool_max_mib: Option<u64>,
    /// Free space of the spool's disk that footage never takes, MiB; at most half of what is free at the start.
    #[arg(long, value_name = "MIB", env = "INVIGIL_SPOOL_RESERVE_MIB", default_value_t = 512, value_parser = clap::value_parser!(u64).range(..=1_000_000_000))]
    spool_reserve_mib: u64,
    /// Progress as one JSON object a line on standard output.
    #[arg(long)]
    json: bool,
    /// Stop by itself after so many seconds.
    #[arg(long, value_name = "SECS")]
    duration: Option<u64>,
    /// Do not finish the recording on the server when this run ends: another run will go on.
    #[arg(long)]
    no_finish: bool,
    /// Wait at most so many seconds for the upload of the rest.
    #[arg(long, value_name = "SECS")]
    drain_secs: Option<u64>,
    /// Where the receipt of this recording is kept; without it, `receipt-RECORDING.json` in the spool.
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
}

pub(super) fn run(args: Args) -> anyhow::Result<ExitCode> {
    crate::init();
    let cameras = given::cameras(&args.camera, given::environment().as_deref())?;
    hide::passwords(&args.camera, &cameras);
    let options = Options {
        servers: args.server,
        join: args.join,
        cameras,
        microphone: args.microphone,
        spool: args.spool,
        spool_max_bytes: args.spool_max_mib.map(|mib| mib << 20),
        spool_reserve_bytes: args.spool_reserve_mib << 20,
        json: args.json,
        duration: args.duration.map(Duration::from_secs),
        no_finish: args.no_finish,
        receipt: args.receipt,
        drain: args.drain_secs.map(Duration::from_secs),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let outcome = runtime.block_on(run_agent(options));
    // Threads that hang in a driver or on a disk must not keep the process.
    runtime.shutdown_timeout(Duration::from_millis(200));
    Ok(match outcome? {
        Outcome::Stored => ExitCode::SUCCESS,
        Outcome::Left => {
            tracing::warn!(
                "not everything is stored on the server yet: `invigil-agent upload` with the same --spool sends the rest, and so does the next start"
            );
            ExitCode::from(LEFT)
        }
        Outcome::Expired => ExitCode::from(EXPIRED),
    })
}

//! One life of the agent: enrol, recover, record, finish, upload the rest.

mod begin;
mod cameras;
mod earlier;
mod end;
mod live;
mod prepare;
mod rest;
mod room;

pub use begin::{Begun, HasExpired, Home, Place, begin, in_spool, others, these};
pub use cameras::Cameras;
pub use end::{End, Signals};
pub use live::{Capture, Live, Sinks, target};
pub use prepare::{Prepared, prepare};
pub use rest::{HeldBack, bring, upload};
pub use room::Waiting;

use crate::account::Pass;
use crate::capture::Spec;
use crate::enrol::JoinLink;
use crate::progress::Progress;
use crate::sound;
use earlier::Earlier;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What `invigil-agent run` was asked to do.
#[derive(Clone)]
pub struct Options {
    /// `https://HOST:PORT`, in the order in which they are tried.
    pub servers: Vec<String>,
    /// Join link or `CODE.FINGERPRINT`; secret.
    pub join: String,
    /// Cameras; none is the first webcam.
    pub cameras: Vec<Spec>,
    /// Microphone, where the policy asks for sound.
    pub microphone: sound::Spec,
    /// Spool folder.
    pub spool: PathBuf,
    /// Largest spool, bytes.
    pub spool_max_bytes: Option<u64>,
    /// Free space of the spool's disk that footage never takes, bytes.
    pub spool_reserve_bytes: u64,
    /// Progress as JSON lines.
    pub json: bool,
    /// Stop by itself after this.
    pub duration: Option<Duration>,
    /// Do not finish the recording on the server.
    pub no_finish: bool,
    /// Longest wait for the upload of the rest.
    pub drain: Option<Duration>,
    /// Where the recording's receipt is kept; `None` is the spool.
    pub receipt: Option<PathBuf>,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything that was recorded is stored on the server.
    Stored,
    /// Something is still in the spool; the next start sends it.
    Left,
    /// The recording has expired and was removed.
    Expired,
}

/// Runs until everything is over. A second signal ends the process at once.
pub async fn run(options: Options) -> anyhow::Result<Outcome> {
    let progress = Arc::new(Progress::new(options.json));
    let mut signals = Signals::new()?;
    let join = Arc::new(JoinLink::parse(&options.join)?);
    let home = Arc::new(Home::open(&options.spool)?);
    let beginning = async {
        let place = begin::enrolled(&options, &home, &join, &progress).await?;
        begin(&home, place, Waiting { pass: Pass::Link(Arc::clone(&join)), others: true }, &progress).await
    };
    let mut begun = tokio::select! {
        begun = beginning => match begun {
            Err(error) if error.is::<HasExpired>() => return Ok(Outcome::Expired),
            begun => begun?,
        },
        _ = signals.next() => anyhow::bail!("stopped before recording began; nothing was recorded"),
    };
    let earlier = begun.earlier.take();
    let capture = Capture {
        cameras: if options.cameras.is_empty() { vec![Spec::Webcam(0)] } else { options.cameras.clone() },
        microphone: options.microphone.clone(),
        spool_max_bytes: options.spool_max_bytes,
        spool_reserve_bytes: options.spool_reserve_bytes,
        opened_for: None,
    };
    let (mut live, sinks) = Live::start(begun, &home, &capture, Pass::Link(join), &progress)?;
    let cameras = Cameras::open(&capture, target(&live.begun.enrolment.answer.capture), sinks)?;
    progress.event("started", &format!("recording {} for {}", live.begun.run.recording, live.begun.enrolment.answer.exam.title));

    let mut earlier = earlier.unwrap_or_else(|| Earlier::look(&home, live.begun.run.recording, &live.begun.link));
    earlier.bring_up(&home, |task| live.spawn(task));
    let (account, link) = (Arc::clone(&live.begun.account), Arc::clone(&live.begun.link));
    let end = {
        let mut ending = std::pin::pin!(end::wait(options.duration, &account, &link, &mut signals));
        loop {
            tokio::select! {
                end = &mut ending => break end,
                () = earlier.found(&home), if earlier.is_looking() => earlier.bring_up(&home, |task| live.spawn(task)),
            }
        }
    };
    let next = match end {
        End::Terminated => "the exam is not over by that: start again with the same --join and --spool to go on",
        _ => "uploading the rest; a second signal leaves at once",
    };
    progress.event("stopping", &format!("capture ends ({}), {next}", end.reason()));
    cameras.close();
    let outcome = end::finish(&options, &home, &mut live, cameras, &mut earlier, end, &mut signals, &progress).await?;
    progress.last(&live.sources, "ended");
    Ok(outcome)
}

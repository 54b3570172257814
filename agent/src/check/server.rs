//! Server, link and clock: is the server there and the institution's, does what this computer kept count, how fast is the way up, how far is the clock off.

use super::{Finding, Level};
use crate::enrol::{self, EnrolError, Enrolment, JoinLink, Server};
use crate::receipt::time;
use crate::spool::Layout;
use invigil_wire::ErrorBody;
use invigil_wire::agent::{MAX_SPEED_TEST_BYTES, SPEED_TEST, SpeedAnswer};
use serde_json::json;
use std::time::Duration;

/// First measurement, bytes: on a slow link it says enough.
const FIRST_BYTES: usize = 32 << 10;
/// A measurement that takes at least this is good enough, us.
const LONG_ENOUGH_US: u64 = 1_000_000;
/// Longest wait for one measurement.
const LIMIT: Duration = Duration::from_secs(25);
/// Clocks may differ by so much, ms.
const TOLERANCE_MS: i64 = 5_000;

/// What the server part finds: `server`, and if this computer has joined, `link` and `clock`.
pub(super) async fn check(
    url: &str,
    join: &JoinLink,
    names: &Layout,
    kept: Option<Enrolment>,
    refused: Option<&EnrolError>,
    needed_kbits: u64,
) -> Vec<Finding> {
    if let Some(kept) = &kept {
        enrol::not_before(kept.answer.server_time_ms);
    }
    let now_ms = enrol::now_ms();
    // Joined: the device key is there. This never makes one.
    let counts = kept.as_ref().and_then(|kept| {
        let device = enrol::device_key(&names.state()).ok()?;
        Some(kept.counts_until(device.public(), now_ms)).filter(|until_ms| *until_ms > now_ms)
    });
    let reached = enrol::bootstrap(url, join.fingerprint, now_ms).await;
    let mut findings = vec![standing(url, &reached, (kept.as_ref(), refused), counts, now_ms)];
    if let (Ok((server, _, _)), Some(kept)) = (&reached, &kept) {
        findings.extend(measured(server, &kept.answer.token, needed_kbits).await);
    }
    findings
}

type Reached = Result<(Server, invigil_wire::agent::Trust, invigil_format::TrustStore), EnrolError>;

fn standing(
    url: &str,
    reached: &Reached,
    (kept, refused): (Option<&Enrolment>, Option<&EnrolError>),
    counts: Option<i64>,
    now_ms: i64,
) -> Finding {
    let joined = match (kept, counts) {
        (Some(kept), Some(until_ms)) => {
            let exam = &kept.answer.exam;
            format!("joined for {}; can start without a network until {}", exam.title, time(until_ms, exam.utc_offset_secs))
        }
        (Some(_), None) => "joined, but what was kept does not count any more".to_owned(),
        (None, _) => refused.map_or_else(|| "not joined yet".to_owned(), ToString::to_string),
    };
    let too_short = kept.zip(counts).is_some_and(|(kept, until_ms)| until_ms <= kept.answer.exam.ends_ms);
    let over = kept.is_some_and(|kept| kept.answer.exam.ends_ms <= now_ms);
    let mut finding = match (reached, counts) {
        (Ok(_), Some(_)) => Finding::good("server", url, format!("it is there and the institution's; {joined}")),
        (Ok(_), None) => Finding::good("server", url, format!("it is there and the institution's; {joined}"))
            .but(Level::Attention, "join now (`invigil-agent join` with the same --server, --join and --spool): then recording starts even without a network"),
        (Err(error), Some(_)) => Finding::good("server", url, format!("{error}; {joined}"))
            .but(Level::Attention, "recording works and is uploaded later; see to the network, and to this computer's date and time"),
        (Err(error), None) => Finding::good("server", url, format!("{error}; {joined}"))
            .but(Level::Bad, "see to the network, to the server's address, and to this computer's date and time: nothing can be recorded until this computer has joined"),
    };
    if too_short {
        finding =
            finding.but(Level::Attention, "what was kept ends before the exam does: join again after the institution has renewed its keys");
    }
    if over {
        finding =
            finding.but(Level::Attention, "by this computer's clock the exam is over: see that it is the right code and the right date");
    }
    finding.measured(json!({ "reached": reached.is_ok(), "joined": kept.is_some(), "counts_until_ms": counts }))
}

/// Sends some bytes that the server throws away.
async fn measured(server: &Server, token: &str, needed_kbits: u64) -> Vec<Finding> {
    let about = |says: String| Finding::good("link", server.url(), says);
    let client = match server.client() {
        Ok(client) => client,
        Err(error) => return vec![about(error.to_string()).but(Level::Attention, "check again")],
    };
    let mut best = None;
    let mut clock = None;
    // The first one also makes the connection and tells the clock; it is not timed.
    for len in [1, FIRST_BYTES, MAX_SPEED_TEST_BYTES] {
        let begun_us = invigil_clock::boottime_us();
        let sent_ms = invigil_clock::wall_ms();
        let answer = match send(&client, server, token, len).await {
            Ok(answer) => answer,
            Err(problem) => {
                let finding = match best {
                    Some(kbits) => link(&server.url(), kbits, needed_kbits),
                    None => about(problem.says).but(Level::Attention, problem.to_do),
                };
                return clock.into_iter().chain([finding]).collect();
            }
        };
        let took_us = invigil_clock::boottime_us().saturating_sub(begun_us).max(1);
        if len == 1 {
            let trip_ms = i64::try_from(took_us / 1000).unwrap_or(i64::MAX);
            clock = Some(offset(sent_ms.saturating_add(trip_ms / 2).saturating_sub(answer.server_time_ms), trip_ms));
            continue;
        }
        best = Some(len as u64 * 8_000 / took_us);
        if took_us >= LONG_ENOUGH_US {
            break;
        }
    }
    clock.into_iter().chain(best.map(|kbits| link(&server.url(), kbits, needed_kbits))).collect()
}

fn link(url: &str, kbits: u64, needed_kbits: u64) -> Finding {
    let says = format!("{kbits} kbit/s up, the cameras need at most {needed_kbits}");
    let finding = Finding::good("link", url, says).measured(json!({ "up_kbits": kbits, "needed_kbits": needed_kbits }));
    if kbits >= needed_kbits {
        return finding;
    }
    finding.but(
        Level::Attention,
        "the way to the server is slower than the cameras: everything is recorded and kept here, and the rest is uploaded after the exam; a cable instead of wireless helps, and fewer other downloads",
    )
}

/// `ahead_ms` is known to half of `trip_ms`.
fn offset(ahead_ms: i64, trip_ms: i64) -> Finding {
    let secs = ahead_ms.unsigned_abs().div_ceil(1000);
    let says = if ahead_ms.abs() <= TOLERANCE_MS + trip_ms / 2 {
        format!("within {} s of the server's", secs.max(1))
    } else {
        format!("{secs} s {} the server's", if ahead_ms > 0 { "ahead of" } else { "behind" })
    };
    let finding = Finding::good("clock", "this computer's", says).measured(json!({ "ahead_ms": ahead_ms, "round_trip_ms": trip_ms }));
    if ahead_ms.abs() <= TOLERANCE_MS + trip_ms / 2 {
        return finding;
    }
    finding.but(Level::Attention, "set date and time, best by switching on their setting over the network: times of recordings are then right even if the server never sees them made")
}

struct Problem {
    says: String,
    to_do: &'static str,
}

async fn send(client: &reqwest::Client, server: &Server, token: &str, len: usize) -> Result<SpeedAnswer, Problem> {
    let failed = |says: String| Problem { says, to_do: "see to the network and check again" };
    let request = client.post(format!("{}{SPEED_TEST}", server.url())).bearer_auth(token).timeout(LIMIT).body(vec![0; len]);
    let answer = request.send().await.map_err(|error| failed(format!("sending {len} bytes failed: {}", enrol::causes(&error))))?;
    let status = answer.status();
    if status.is_success() {
        return answer.json().await.map_err(|error| failed(format!("the server's answer is not readable: {}", enrol::causes(&error))));
    }
    let body = answer.json::<ErrorBody>().await;
    let says = body.map_or_else(
        |_| format!("the server refused ({status})"),
        |body| format!("the server refused: {} ({status} {})", body.message, body.error),
    );
    let to_do = match status.as_u16() {
        401 => "join again (`invigil-agent join`): the server does not know this computer any more",
        410 => "get the code of the next exam: this one's recording has expired",
        _ => "check again in a minute; if it stays, tell the IT staff",
    };
    Err(Problem { says, to_do })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_and_links_are_judged() {
        assert_eq!(offset(4_000, 100).level, Level::Good);
        assert_eq!(offset(-5_040, 100).level, Level::Good);
        let wrong = offset(-3_600_000, 100);
        assert_eq!((wrong.level, wrong.says.as_str()), (Level::Attention, "3600 s behind the server's"));
        assert_eq!((link("u", 299, 300).level, link("u", 300, 300).level), (Level::Attention, Level::Good));
    }

    #[test]
    fn without_server_only_a_computer_that_has_joined_can_record() {
        let kept = crate::testing::World::new().enrolment;
        let away = || Err(EnrolError::Unreachable { attempt: "asking", server: "u".into(), reason: "no answer in time".into() });
        let level = |kept: Option<&Enrolment>, counts| standing("u", &away(), (kept, None), counts, -1).level;
        assert_eq!(level(Some(&kept), Some(i64::MAX)), Level::Attention);
        assert_eq!(level(Some(&kept), None), Level::Bad);
        assert_eq!(level(None, None), Level::Bad);
        let altered = EnrolError::Altered { path: "enrolment.json".into(), reason: "nobody has signed it".into() };
        let told = standing("u", &away(), (None, Some(&altered)), None, -1);
        assert!(
            told.level == Level::Bad && told.says.contains("nobody has signed it") && told.says.contains("joins anew"),
            "{}",
            told.says
        );
    }
}

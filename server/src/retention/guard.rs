//! Destruction does not trust one clock: the anchor in `time_guard` (a wall time that was believed, with the boot time of that moment), the wall clock, and
//! the agents' clocks are put before `invigil_rules::clock_trust`.

use crate::audit::{self, Entry};
use crate::config::Config;
use crate::db::{self, entities::meta, entities::time_guard};
use crate::live::lock;
use crate::state::AppState;
use anyhow::Context;
use invigil_clock::Clock;
use invigil_format::BootId;
use invigil_rules::clock_trust::{Facts, Reading, Tolerance, Trust, judge, latest_ms};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait};
use std::sync::Mutex;

/// How old the anchor gets on the same boot, ms: each renewal forgives the tolerance once more.
const RENEW_MS: i64 = 300_000;
/// Name in `meta` of the boot for which an operator has confirmed the clock.
const CONFIRMED: &str = "clock-confirmed-boot";
const ROW: i64 = 1;

/// The anchor as last read from the database.
#[derive(Debug, Default)]
pub struct Guard {
    anchor: Mutex<(Option<Reading>, bool)>,
}

/// What the guard says now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged {
    pub trust: Trust,
    /// The latest time that any account gives, Unix ms.
    pub latest_ms: i64,
}

/// What an operator has confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmed {
    /// Wall clock that is believed from now on, Unix ms.
    pub wall_ms: i64,
    /// What had been believed last, Unix ms.
    pub before_ms: Option<i64>,
}

impl Guard {
    /// Reads the anchor.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open(db: &DatabaseConnection) -> anyhow::Result<Self> {
        let guard = Self::default();
        guard.read(db).await.context("read what the clock was last known to be")?;
        Ok(guard)
    }

    async fn read<C: ConnectionTrait>(&self, db: &C) -> Result<(), DbErr> {
        let row = time_guard::Entity::find_by_id(ROW).one(db).await?;
        let confirmed = meta::Entity::find_by_id(CONFIRMED).one(db).await?;
        let anchor = row.as_ref().map(|row| Reading {
            wall_ms: row.wall_ms,
            boottime_ms: row.boottime_us / 1000,
            // An unreadable boot counts as another one.
            boot_id: row.boot_id.parse::<BootId>().map(|id| *id.as_bytes()).unwrap_or_default(),
        });
        let confirmed = row.zip(confirmed).is_some_and(|(row, meta)| row.boot_id == meta.value);
        *lock(&self.anchor) = (anchor, confirmed);
        Ok(())
    }

    /// Judges the wall clock now, from memory.
    pub(super) fn judge(&self, state: &AppState) -> Judged {
        let ahead = state.disconnects.clocks_ahead_ms(state.clock.boottime_us());
        self.judge_with(&state.config, &*state.clock, &ahead)
    }

    /// The same for a tool that runs beside the server or without one: what agents have said lives on in the anchor only.
    pub(super) fn judge_with(&self, config: &Config, clock: &dyn Clock, agents_ahead_ms: &[i64]) -> Judged {
        let (anchor, confirmed) = *lock(&self.anchor);
        let facts = Facts { now: reading(clock), anchor, confirmed, agents_ahead_ms };
        let step_ms = i64::try_from(config.retention.clock_tolerance_secs).unwrap_or(i64::MAX / 1000) * 1000;
        Judged { trust: judge(&facts, &Tolerance { step_ms, ..Tolerance::default() }), latest_ms: latest_ms(&facts) }
    }

    /// Reads what an operator may have confirmed, judges, renews the anchor or raises the alarm.
    pub(crate) async fn tick(&self, state: &AppState) -> anyhow::Result<()> {
        self.read(&state.db).await?;
        let row = time_guard::Entity::find_by_id(ROW).one(&state.db).await?;
        let now = reading(&*state.clock);
        match self.judge(state).trust {
            Trust::Trusted => {
                let fresh = row.as_ref().is_some_and(|row| {
                    row.alarm.is_none() && row.boot_id == boot_text(&now) && (now.boottime_ms - row.boottime_us / 1000).abs() < RENEW_MS
                });
                if fresh {
                    return Ok(());
                }
                if row.as_ref().is_some_and(|row| row.alarm.is_some()) {
                    tracing::warn!("the clocks agree again; expired footage is destroyed as usual");
                }
                save(&state.db, &now, None).await?;
            }
            Trust::Suspect(reason) => {
                let known = row.as_ref().and_then(|row| row.alarm_since_ms);
                if known.is_none() {
                    tracing::error!(%reason, "the clock is suspect: nothing is destroyed and expired footage is not readable; compare the clock and run invigil-server clock confirm");
                }
                if let Some(row) = row {
                    let change = time_guard::ActiveModel {
                        id: Set(row.id),
                        alarm_since_ms: Set(known.or(Some(now.wall_ms))),
                        alarm: Set(Some(reason.to_string())),
                        ..Default::default()
                    };
                    change.update(&state.db).await?;
                }
            }
        }
        self.read(&state.db).await?;
        Ok(())
    }
}

/// The alarm of the clock guard, if there is one, for people.
///
/// # Errors
/// When the database fails.
pub async fn alarm(db: &DatabaseConnection) -> Result<Option<String>, DbErr> {
    Ok(time_guard::Entity::find_by_id(ROW).one(db).await?.and_then(|row| row.alarm))
}

/// An operator has compared the machine's clock with another one and vouches for it: it is the new anchor, and agents are not asked on this boot.
///
/// # Errors
/// When the database fails; then nothing has changed.
pub async fn confirm(db: &DatabaseConnection, clock: &dyn Clock) -> anyhow::Result<Confirmed> {
    let now = reading(clock);
    let tx = db::begin_write(db).await?;
    let before_ms = time_guard::Entity::find_by_id(ROW).one(&tx).await?.map(|row| row.wall_ms);
    save(&tx, &now, None).await?;
    meta::Entity::delete_by_id(CONFIRMED).exec(&tx).await?;
    let row = meta::ActiveModel { name: Set(CONFIRMED.to_owned()), value: Set(boot_text(&now)) };
    meta::Entity::insert(row).exec_without_returning(&tx).await?;
    let detail = serde_json::json!({ "wall_ms": now.wall_ms, "before_ms": before_ms });
    audit::append_in(&tx, now.wall_ms, Entry { who: "cli".into(), action: "clock-confirmed", object: "server".into(), detail }).await?;
    tx.commit().await.context("write the confirmed clock")?;
    Ok(Confirmed { wall_ms: now.wall_ms, before_ms })
}

fn reading(clock: &dyn Clock) -> Reading {
    let boottime_ms = i64::try_from(clock.boottime_us() / 1000).unwrap_or(i64::MAX);
    Reading { wall_ms: clock.wall_ms(), boottime_ms, boot_id: invigil_clock::boot_id() }
}

fn boot_text(reading: &Reading) -> String {
    BootId::from_bytes(reading.boot_id).to_string()
}

async fn save<C: ConnectionTrait>(db: &C, now: &Reading, alarm: Option<String>) -> Result<(), DbErr> {
    time_guard::Entity::delete_by_id(ROW).exec(db).await?;
    let row = time_guard::ActiveModel {
        id: Set(ROW),
        wall_ms: Set(now.wall_ms),
        boot_id: Set(boot_text(now)),
        boottime_us: Set(now.boottime_ms.saturating_mul(1000)),
        alarm_since_ms: Set(alarm.as_ref().map(|_| now.wall_ms)),
        alarm: Set(alarm),
    };
    time_guard::Entity::insert(row).exec_without_returning(db).await.map(|_| ())
}

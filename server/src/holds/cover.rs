//! What a hold covers and where it stands: computed from the rows and, for segments that grow, from what is in memory.

use super::tracks;
use crate::clock_map::{to_server_ms, wall_minus_boot_ms};
use crate::db::entities::{held_segments as sealed, holds, recordings, runs, segments};
use crate::store::{Chunk, Place, Store};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{HashMap, HashSet};

/// How far around a recording's window a range may reach, ms: a rehearsal days before, and an agent that nobody stopped until the month was over. A date that is mistyped lies
/// beyond it, and would hold nothing without anybody noticing.
const AROUND_MS: i64 = 40 * 86_400_000;

/// A segment, without its chunks.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Piece {
    /// Number of the segment.
    pub id: i64,
    /// Row of its run.
    pub run_id: i64,
    /// Track.
    pub track: String,
    /// Number within run and track.
    pub sequence: i64,
    /// See `segments.generation`.
    pub generation: i32,
    /// `incoming` or `stored`.
    pub state: String,
    /// Size as far as it is noted, bytes.
    pub size_bytes: i64,
    /// When its upload began, Unix ms.
    pub created_ms: i64,
    wall_minus_boot_ms: Option<i64>,
    first_us: Option<i64>,
    last_us: Option<i64>,
}

/// A recording's runs, segments and the records of their keys.
#[derive(Debug)]
pub struct Ground {
    /// Recording.
    pub recording: recordings::Model,
    /// Its runs, by row.
    pub runs: HashMap<i64, runs::Model>,
    /// Segments with their span on the server's clock, in order of their arrival: from (inclusive), until (exclusive), Unix ms.
    pieces: Vec<(Piece, i64, i64)>,
    /// Hold and segment of each record that counts.
    confirmed: HashSet<(i64, i64)>,
}

/// Where a hold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A covered segment has no record of its key that counts.
    Pending,
    /// Each has one: nothing else is needed.
    Effective,
    /// Over.
    Released,
}

impl State {
    /// Its name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Effective => "effective",
            Self::Released => "released",
        }
    }
}

/// What a hold covers now.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Covered segments, in order of their arrival.
    pub pieces: Vec<Piece>,
    /// Those without a record that counts.
    pub unsealed: Vec<Piece>,
    /// Number of those that still grow.
    pub growing: usize,
    /// Where it stands.
    pub state: State,
}

impl Ground {
    /// Loads what holds of this recording stand on.
    ///
    /// # Errors
    /// When database or store fail.
    pub async fn load<C: ConnectionTrait>(db: &C, store: &Store, recording: recordings::Model) -> anyhow::Result<Self> {
        let runs = runs::Entity::find().filter(runs::Column::RecordingId.eq(recording.id)).all(db).await?;
        let runs: HashMap<i64, runs::Model> = runs.into_iter().map(|run| (run.id, run)).collect();
        let found = segments::Entity::find().select_only().columns([
            segments::Column::Id,
            segments::Column::RunId,
            segments::Column::Track,
            segments::Column::Sequence,
            segments::Column::Generation,
            segments::Column::State,
            segments::Column::SizeBytes,
            segments::Column::CreatedMs,
            segments::Column::WallMinusBootMs,
            segments::Column::FirstUs,
            segments::Column::LastUs,
        ]);
        // A refused segment is not authentic: it is evidence of nothing, and goes with its month.
        let found = found.filter(segments::Column::RecordingId.eq(recording.id)).filter(segments::Column::State.ne("refused"));
        let mut pieces = Vec::new();
        for mut piece in found.order_by_asc(segments::Column::Id).into_model::<Piece>().all(db).await? {
            if piece.state != "stored" {
                look(store, &mut piece).await?;
            }
            let offset = runs.get(&piece.run_id).and_then(|run| run.clock_offset_ms).or(piece.wall_minus_boot_ms).or(Some(0));
            let at = |us: Option<i64>| to_server_ms(offset, u64::try_from(us?).ok()?);
            // Without a chunk there is nothing to be seen in it.
            if let (Some(from_ms), Some(to_ms)) = (at(piece.first_us), at(piece.last_us)) {
                pieces.push((piece, from_ms, to_ms.max(from_ms.saturating_add(1))));
            }
        }
        let holds = of_recording(db, recording.id).await?.into_iter().map(|hold| hold.id);
        let known = sealed::Entity::find().filter(sealed::Column::ConfirmedMs.is_not_null()).filter(sealed::Column::HoldId.is_in(holds));
        let confirmed = known.select_only().columns([sealed::Column::HoldId, sealed::Column::SegmentId]);
        let confirmed = confirmed.into_tuple::<(i64, i64)>().all(db).await?.into_iter().collect();
        Ok(Self { recording, runs, pieces, confirmed })
    }

    /// Nothing can arrive any more: what has not been closed stays as it is.
    pub fn is_over(&self) -> bool {
        self.recording.expired_ms.is_some()
    }

    /// The one check of both ends of a range, whoever holds or cites it: it begins before it ends and lies within the recording's own window with [`AROUND_MS`] on both
    /// sides, or where footage lies because of a device's clock.
    ///
    /// # Errors
    /// What is wrong, for people.
    pub fn check_range(&self, from_ms: i64, to_ms: i64) -> Result<(), String> {
        if from_ms >= to_ms {
            return Err("expected a range that begins before it ends, in Unix milliseconds".to_owned());
        }
        let ends_ms = self.recording.ends_ms.saturating_add(self.recording.extra_ms);
        let around = (self.recording.starts_ms.saturating_sub(AROUND_MS), ends_ms.saturating_add(AROUND_MS));
        let (first_ms, last_ms) = self.pieces.iter().fold(around, |(first, last), (_, from, to)| (first.min(*from), last.max(*to)));
        if first_ms <= from_ms && to_ms <= last_ms {
            return Ok(());
        }
        Err(format!("expected a range of this recording, between {first_ms} and {last_ms} Unix milliseconds; check the date"))
    }

    /// Segments that overlap a range; `tracks`: only of these.
    pub fn within(&self, from_ms: i64, to_ms: i64, tracks: Option<&[String]>) -> Vec<&Piece> {
        let inside = |(piece, from, to): &&(Piece, i64, i64)| {
            *from < to_ms && from_ms < *to && tracks.is_none_or(|tracks| tracks.contains(&piece.track))
        };
        self.pieces.iter().filter(inside).map(|(piece, ..)| piece).collect()
    }

    /// Whether this hold has a record of the segment's key that counts.
    pub fn is_sealed(&self, hold: i64, segment: i64) -> bool {
        self.confirmed.contains(&(hold, segment))
    }

    /// Where a hold of this recording stands.
    ///
    /// # Errors
    /// When its row cannot be read.
    pub fn standing(&self, hold: &holds::Model) -> anyhow::Result<Standing> {
        let tracks = tracks(hold)?;
        let pieces = self.within(hold.from_ms, hold.to_ms, tracks.as_deref());
        let unsealed: Vec<Piece> = pieces.iter().copied().filter(|piece| !self.is_sealed(hold.id, piece.id)).cloned().collect();
        let growing = pieces.iter().filter(|piece| !self.is_whole(piece)).count();
        let nothing_yet = pieces.is_empty() && !self.is_over();
        let state = match () {
            () if hold.released_ms.is_some() => State::Released,
            () if unsealed.is_empty() && growing == 0 && !nothing_yet => State::Effective,
            () => State::Pending,
        };
        Ok(Standing { pieces: pieces.into_iter().cloned().collect(), unsealed, growing, state })
    }

    /// Whether nothing is added to the segment any more, so that its key can be sealed.
    pub fn is_whole(&self, piece: &Piece) -> bool {
        piece.state == "stored" || self.is_over()
    }

    /// The place of a stored segment.
    pub fn place<'a>(&'a self, piece: &'a Piece) -> Option<Place<'a>> {
        let run = self.runs.get(&piece.run_id)?;
        Some(Place {
            recording: &self.recording.uuid,
            run: &run.uuid,
            track: &piece.track,
            sequence: piece.sequence,
            generation: piece.generation,
        })
    }

    /// Where the segment's bytes lie.
    pub fn path(&self, store: &Store, piece: &Piece) -> Option<std::path::PathBuf> {
        if piece.state == "stored" { Some(store.object_path(&self.place(piece)?)) } else { Some(store.incoming_path(piece.id)) }
    }
}

/// Holds of a recording that are not released, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn of_recording<C: ConnectionTrait>(db: &C, recording: i64) -> Result<Vec<holds::Model>, sea_orm::DbErr> {
    let open = holds::Entity::find().filter(holds::Column::RecordingId.eq(recording)).filter(holds::Column::ReleasedMs.is_null());
    open.order_by_asc(holds::Column::Id).all(db).await
}

/// Segments of a recording that a hold keeps, by their numbers.
///
/// # Errors
/// When database or store fail.
pub async fn held_segments<C: ConnectionTrait>(db: &C, store: &Store, recording: &recordings::Model) -> anyhow::Result<HashSet<i64>> {
    let holds = of_recording(db, recording.id).await?;
    let mut held = HashSet::new();
    if !holds.is_empty() {
        let ground = Ground::load(db, store, recording.clone()).await?;
        for hold in &holds {
            held.extend(ground.standing(hold)?.pieces.iter().map(|piece| piece.id));
        }
    }
    Ok(held)
}

/// What a segment that is not stored holds so far.
async fn look(store: &Store, piece: &mut Piece) -> anyhow::Result<()> {
    let (chunks, size_bytes) = match store.growing(piece.id).map(|growing| growing.shown()) {
        Some(shown) => {
            piece.wall_minus_boot_ms = shown.wall_minus_boot_ms;
            (shown.chunks, shown.received)
        }
        None => {
            let (scanner, len) = store.scan_incoming(piece.id).await?;
            piece.wall_minus_boot_ms = wall_minus_boot_ms(scanner.frames());
            (scanner.frames().iter().filter_map(Chunk::of).collect(), len)
        }
    };
    piece.size_bytes = i64::try_from(size_bytes).unwrap_or(i64::MAX);
    piece.first_us = chunks.first().and_then(|chunk| i64::try_from(chunk.at_us).ok());
    piece.last_us = chunks.last().and_then(|chunk| i64::try_from(chunk.end_us()).ok());
    Ok(())
}

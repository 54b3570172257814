//! A source that outlives a recording: a camera goes on while what it delivers passes from one recording to the next.
//!
//! [`Feed::switch`] names who is next. What the source delivers goes to the one before up to the first piece with which decoding can start; that piece and all
//! after it go to the next one. So each piece goes to exactly one of them. A source that delivers nothing at the moment is passed on at once.
//!
//! [`Feed::record_beside`] adds another recording for a while: it gets a copy of each piece from the first with which decoding can start. Each of them has its
//! own room ([`lane`]): what one of them is too slow for the others get all the same.

mod lane;
#[cfg(test)]
mod tests;

use super::watch::{Counters, Event};
use super::{Frame, Picture, Stop};
use lane::{Lane, Passed};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a piece that others need waits for room: after a hold-up on the network many come at once, and dropping one costs all up to the next key frame.
/// What follows has only to copy them. The camera does not suffer: the network keeps what comes meanwhile.
const PATIENCE: Duration = Duration::from_millis(500);

/// One piece of what a source delivers.
pub trait Piece: Clone {
    /// Decoding can start with it.
    fn starts_anew(&self) -> bool;
    /// Later pieces cannot be decoded without it.
    fn is_needed(&self) -> bool;
    /// When it was taken, boot time, us.
    fn taken_us(&self) -> u64;
}

impl Piece for Frame {
    fn starts_anew(&self) -> bool {
        Frame::starts_anew(self)
    }

    fn is_needed(&self) -> bool {
        matches!(self.picture, Picture::Encoded(_))
    }

    fn taken_us(&self) -> u64 {
        self.boottime_us
    }
}

/// What takes the pieces of one source for one recording. Dropping it ends the channel.
pub struct Sink<T> {
    /// Where they go, one or some at a time.
    pub pieces: SyncSender<Vec<T>>,
    /// Where they are counted.
    pub counters: Arc<Counters>,
    /// Who is told what happens to the source.
    pub report: Box<dyn Fn(Event) + Send>,
}

/// The way from a source to whoever records it now.
pub struct Feed<T>(Mutex<Ways<T>>);

struct Ways<T> {
    now: Option<Lane<T>>,
    next: Option<Lane<T>>,
    /// In the order in which they came. One that takes nothing any more leaves its place empty, until it is ended.
    beside: Vec<Option<Lane<T>>>,
    /// Passed on already, but for their last pieces.
    ending: Vec<Lane<T>>,
    standing: Standing,
}

/// How the source stands: the next recording is told when it takes over.
enum Standing {
    Waiting,
    Delivers,
    Lost(String),
}

impl Standing {
    fn event(&self) -> Option<Event> {
        match self {
            Self::Waiting => None,
            Self::Delivers => Some(Event::Started),
            Self::Lost(reason) => Some(Event::Lost(reason.clone())),
        }
    }
}

impl<T> Feed<T> {
    /// To this one first.
    pub fn new(first: Sink<T>) -> Arc<Self> {
        let now = Some(Lane::new(first));
        Arc::new(Self(Mutex::new(Ways { now, next: None, beside: Vec::new(), ending: Vec::new(), standing: Standing::Waiting })))
    }

    /// Passes the source on to `next`, at the next piece that starts anew. May block while a journal waits for its disk.
    pub fn switch(&self, next: Sink<T>) {
        let mut ways = self.lock();
        ways.next = Some(Lane::new(next));
        if !matches!(ways.standing, Standing::Delivers) || ways.now.is_none() {
            ways.take_over();
        }
    }

    /// From the next piece that starts anew on `beside` gets a copy of each, behind those that do so already, until it is ended or, as [`Feed::end_first`] has
    /// it, becomes the first. May block as [`Feed::switch`] does.
    pub fn record_beside(&self, beside: Sink<T>) {
        let mut lane = Lane::later(beside);
        let mut ways = self.lock();
        if let Standing::Lost(_) = ways.standing {
            ways.standing.event().into_iter().for_each(|event| lane.tell(event));
        }
        ways.beside.push(Some(lane));
    }

    /// The first of several ends, the next one beside it goes on as the first. One that has not got its first piece yet takes over at that piece
    /// ([`Feed::wait_switched`]).
    pub fn end_first(&self) {
        let mut ways = self.lock();
        let beside = if ways.beside.is_empty() { None } else { ways.beside.remove(0) };
        let comes = beside.as_ref().is_some_and(|beside| !beside.has_begun()) && matches!(ways.standing, Standing::Delivers);
        if comes && ways.now.is_some() {
            ways.next = beside;
        } else {
            let before = std::mem::replace(&mut ways.now, beside);
            ways.retire(before);
        }
    }

    /// One of those beside the first ends: the one at this place, from 0.
    pub fn end_beside(&self, place: usize) {
        let mut ways = self.lock();
        if place < ways.beside.len() {
            let beside = ways.beside.remove(place);
            ways.retire(beside);
        }
    }

    /// Waits until the source has been passed on, at most for `patience`; then it is passed on without waiting for a piece that starts anew. Returns whether it
    /// came by itself.
    pub fn wait_switched(&self, patience: Duration, abandon: &Stop) -> bool {
        const STEP: Duration = Duration::from_millis(10);
        let mut waited = Duration::ZERO;
        while self.lock().next.is_some() {
            if waited >= patience || abandon.is_stopped() {
                self.lock().take_over();
                return false;
            }
            std::thread::sleep(STEP);
            waited += STEP;
        }
        true
    }

    /// Nobody takes anything any more: the source ends.
    pub fn close(&self) {
        let mut ways = self.lock();
        // The places stay: whoever is beside the first is ended by its own.
        let lanes: Vec<_> = ways.beside.iter_mut().filter_map(Option::take).collect();
        ways.now.take().into_iter().chain(lanes).chain(std::mem::take(&mut ways.ending)).for_each(Lane::end);
        ways.next = None;
    }

    /// Tells whoever records the source now.
    pub fn report(&self, event: Event) {
        let mut ways = self.lock();
        match &event {
            Event::Started | Event::Back => ways.standing = Standing::Delivers,
            Event::Lost(reason) => ways.standing = Standing::Lost(reason.clone()),
            Event::Dropped(_) | Event::Damaged(_) => {}
        }
        ways.beside.iter_mut().flatten().for_each(|beside| beside.tell(event.clone()));
        if let Some(now) = &mut ways.now {
            now.tell(event);
        }
        if matches!(ways.standing, Standing::Lost(_)) {
            ways.take_over();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Ways<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Piece> Feed<T> {
    /// Hands pieces over, in order. What there is no room for is thrown away, counted and told: at once, or in a moment if later pieces need it. Returns false
    /// when nobody takes any more.
    pub fn send(&self, pieces: Vec<T>) -> bool {
        const STEP: Duration = Duration::from_millis(5);
        let patience = if pieces.iter().any(Piece::is_needed) { PATIENCE } else { Duration::ZERO };
        self.lock().deal(pieces);
        let mut waited = Duration::ZERO;
        while !self.lock().pass(waited < patience) {
            std::thread::sleep(STEP);
            waited += STEP;
        }
        let ways = self.lock();
        ways.now.is_some() || ways.beside.iter().any(Option::is_some)
    }
}

/// Waits until all sources have been passed on, with one `patience` for all of them. Returns the numbers of those that were passed on without a piece that
/// starts anew.
pub fn wait_all<T>(feeds: &[&Feed<T>], patience: Duration, abandon: &Stop) -> Vec<usize> {
    let began_us = invigil_clock::boottime_us();
    let left = || patience.saturating_sub(Duration::from_micros(invigil_clock::boottime_us().saturating_sub(began_us)));
    let waited = feeds.iter().enumerate().map(|(number, feed)| (number, feed.wait_switched(left(), abandon)));
    waited.filter(|(_, came)| !came).map(|(number, _)| number).collect()
}

impl<T> Ways<T> {
    fn take_over(&mut self) {
        let Some(mut next) = self.next.take() else { return };
        next.take_over(self.standing.event());
        let before = self.now.replace(next);
        self.retire(before);
    }

    /// Ends as soon as its last pieces have found room.
    fn retire(&mut self, lane: Option<Lane<T>>) {
        match lane {
            Some(lane) if lane.waits() => self.ending.push(lane),
            Some(lane) => lane.end(),
            None => {}
        }
    }
}

impl<T: Piece> Ways<T> {
    /// Says which pieces are whose.
    fn deal(&mut self, mut pieces: Vec<T>) {
        self.beside.iter_mut().flatten().for_each(|beside| beside.offer(pieces.clone()));
        if self.next.is_some()
            && let Some(place) = pieces.iter().position(Piece::starts_anew)
        {
            let rest = pieces.split_off(place);
            if let Some(now) = &mut self.now {
                now.offer(pieces);
            }
            self.take_over();
            pieces = rest;
        }
        if let Some(now) = &mut self.now {
            now.offer(pieces);
        }
    }

    /// Hands over what there is room for; `patient` leaves the rest for later. Returns false while something is left.
    fn pass(&mut self, patient: bool) -> bool {
        let mut places: Vec<_> = std::iter::once(&mut self.now).chain(&mut self.beside).collect();
        let alone = places.iter().filter(|lane| lane.is_some()).count() < 2;
        let mut all = true;
        for place in &mut places {
            let Some(lane) = place else { continue };
            match lane.pass() {
                Passed::All => {}
                // Of several that are recorded at once none waits for long because another one stands still.
                Passed::Some if patient && (alone || lane.flows()) => all = false,
                Passed::Some => lane.throw_away(),
                Passed::Gone => **place = None,
            }
        }
        for mut lane in std::mem::take(&mut self.ending) {
            match lane.pass() {
                Passed::Some if patient => {
                    all = false;
                    self.ending.push(lane);
                }
                Passed::Some => {
                    lane.throw_away();
                    lane.end();
                }
                Passed::All | Passed::Gone => lane.end(),
            }
        }
        all
    }
}

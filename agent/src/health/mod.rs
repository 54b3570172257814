//! Facts about a picture or the machine that a person should see to: dark, covered, frozen; disk nearly full or too slow, processor too slow (P9:
//! facts, no judgement). Each begins and ends with hysteresis, is told to the person at the machine at once, and is journalled.
//!
//! [`picture`] measures, [`hysteresis`] and [`watch`] decide, all without I/O and with times as arguments; [`Tap`] feeds them from a track's encoder
//! thread and makes the thumbnails; [`load`] looks at the machine; [`Board`] tells.

mod board;
mod held_up;
mod hysteresis;
mod keys;
pub mod load;
pub mod picture;
mod tap;
mod thumbnail;
pub mod watch;

pub use board::{Board, Shown};
pub use hysteresis::{Change, Hysteresis};
pub use tap::Tap;
pub use thumbnail::Thumbnails;

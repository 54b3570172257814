//! What a camera offers, and which of it is taken.

use super::Layout;
use crate::capture::Wanted;

/// A layout, size and rate that a camera says it can deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// How its pictures lie in memory.
    pub layout: Layout,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Pictures in 1,000 s.
    pub fps_milli: u64,
}

/// Nearest first. Of each layout only the best: what a driver refuses once it refuses at other rates too.
pub fn ranked(offers: impl IntoIterator<Item = Offer>, wanted: Wanted) -> Vec<Offer> {
    let mut offers: Vec<Offer> = offers.into_iter().collect();
    offers.sort_by_key(|offer| distance(offer, wanted));
    let mut best: Vec<Offer> = Vec::new();
    for offer in offers {
        if best.iter().all(|better| better.layout != offer.layout) {
            best.push(offer);
        }
    }
    best
}

/// How far an offer is from what is wanted: first the rate must suffice, then the size should be equal or the next larger, then the cheapest layout.
fn distance(offer: &Offer, wanted: Wanted) -> (bool, bool, u64, u32, u64) {
    let (have, want) = (u64::from(offer.width) * u64::from(offer.height), u64::from(wanted.width) * u64::from(wanted.height));
    let cost = match offer.layout {
        Layout::Nv12 => 0,
        Layout::Yuyv => 1,
        Layout::Mjpeg => 2,
        Layout::Rgb | Layout::Bgr => 3,
        Layout::Gray => 4,
        Layout::Damaged | Layout::Failure => 5,
    };
    let fps_milli = u64::from(wanted.fps) * 1000;
    (offer.fps_milli < fps_milli, have < want, have.abs_diff(want), cost, offer.fps_milli.abs_diff(fps_milli))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: Wanted = Wanted { width: 640, height: 480, fps: 15 };

    fn offer(width: u32, height: u32, layout: Layout, fps: u64) -> Offer {
        Offer { layout, width, height, fps_milli: fps * 1000 }
    }

    #[test]
    fn the_nearest_sufficient_format_is_chosen() {
        let offers = [
            offer(1920, 1080, Layout::Mjpeg, 30),
            offer(640, 480, Layout::Mjpeg, 30),
            offer(640, 480, Layout::Yuyv, 30),
            offer(640, 480, Layout::Yuyv, 10),
            offer(320, 240, Layout::Yuyv, 15),
        ];
        assert_eq!(ranked(offers, WANTED), [offer(640, 480, Layout::Yuyv, 30), offer(640, 480, Layout::Mjpeg, 30)]);
    }

    #[test]
    fn a_rate_that_suffices_comes_before_size_and_size_before_layout() {
        // Many webcams deliver large pictures without compression only slowly.
        let slow = [offer(640, 480, Layout::Yuyv, 5), offer(1280, 720, Layout::Mjpeg, 30)];
        assert_eq!(ranked(slow, WANTED)[0].layout, Layout::Mjpeg);
        let large = [offer(1280, 720, Layout::Nv12, 15), offer(640, 480, Layout::Mjpeg, 15)];
        assert_eq!(ranked(large, WANTED)[0].layout, Layout::Mjpeg);
        let fraction = [Offer { fps_milli: 7500, ..offer(640, 480, Layout::Nv12, 0) }, offer(640, 480, Layout::Gray, 30)];
        assert_eq!(ranked(fraction, WANTED)[0].layout, Layout::Gray);
    }
}

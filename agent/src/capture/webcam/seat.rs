//! Which device a webcam's number stands for.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Where Linux lists video devices; elsewhere it does not exist, and the number alone counts.
const NODES: &str = "/sys/class/video4linux";

/// A webcam's number, and the device that stood there when it was first seen: while some program still holds the old device open, a camera that is
/// plugged in again gets another number.
#[derive(Debug)]
pub struct Seat {
    number: u32,
    nodes: PathBuf,
    known: Mutex<Option<Node>>,
}

/// A device file's camera: its name and the place where it is plugged in.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Node {
    name: String,
    place: PathBuf,
}

impl Seat {
    /// The system's webcam with this number.
    pub fn new(number: u32) -> Self {
        Self::below(number, Path::new(NODES))
    }

    fn below(number: u32, nodes: &Path) -> Self {
        Self { number, nodes: nodes.to_owned(), known: Mutex::new(None) }
    }

    /// The number to open now: that of the camera that was there first, if it is anywhere; else the one that was asked for, where another camera may
    /// stand in for it.
    pub fn number(&self) -> u32 {
        let here = self.node(self.number);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match (known.as_ref(), here) {
            (Some(then), Some(now)) if then.name != now.name => self.find(then).unwrap_or(self.number),
            (Some(then), None) => self.find(then).unwrap_or(self.number),
            // The same kind of camera under the same number may be plugged in elsewhere.
            (_, now) => {
                *known = now;
                self.number
            }
        }
    }

    fn node(&self, number: u32) -> Option<Node> {
        let place = self.nodes.join(format!("video{number}/device")).canonicalize().ok()?;
        Some(Node { name: self.text(number, "name")?, place })
    }

    fn text(&self, number: u32, file: &str) -> Option<String> {
        let bytes = std::fs::read(self.nodes.join(format!("video{number}")).join(file)).ok()?;
        Some(String::from_utf8_lossy(&bytes).trim().to_owned())
    }

    fn find(&self, wanted: &Node) -> Option<u32> {
        let entries = std::fs::read_dir(&self.nodes).ok()?;
        let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_prefix("video")?.parse().ok());
        // A camera may have several files; the first is the one with the pictures. Which index that has depends on who holds old ones open.
        let index = |number: &u32| (self.text(*number, "index").and_then(|text| text.parse::<u32>().ok()), *number);
        numbers.filter(|number| self.node(*number).as_ref() == Some(wanted)).min_by_key(index)
    }
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "webcam:{}", self.number)
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn plug(nodes: &Path, number: u32, name: &str, place: &str) {
        plug_file(nodes, number, name, place, 0);
    }

    fn plug_file(nodes: &Path, number: u32, name: &str, place: &str, index: u32) {
        let (folder, device) = (nodes.join(format!("video{number}")), nodes.join(place));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::create_dir_all(&device).unwrap();
        std::fs::write(folder.join("name"), format!("{name}\n")).unwrap();
        std::fs::write(folder.join("index"), format!("{index}\n")).unwrap();
        std::os::unix::fs::symlink(device, folder.join("device")).unwrap();
    }

    fn unplug(nodes: &Path, number: u32) {
        std::fs::remove_dir_all(nodes.join(format!("video{number}"))).unwrap();
    }

    #[test]
    fn a_camera_that_comes_back_under_another_number_is_found_and_no_other_is_taken_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let nodes = folder.path();
        plug(nodes, 0, "HD Webcam", "usb1");
        plug(nodes, 2, "HD Webcam", "usb2");
        let seat = Seat::below(0, nodes);
        assert_eq!(seat.number(), 0);
        unplug(nodes, 0);
        // The room's second camera, of the same kind, is not the first.
        assert_eq!(seat.number(), 0);
        // Its second file, without pictures, may come under a lower number.
        plug_file(nodes, 1, "HD Webcam", "usb1", 2);
        plug_file(nodes, 3, "HD Webcam", "usb1", 1);
        assert_eq!(seat.number(), 3);
        unplug(nodes, 3);
        unplug(nodes, 1);
        plug(nodes, 0, "HD Webcam", "usb1");
        assert_eq!(seat.number(), 0);
    }

    #[test]
    fn another_camera_under_the_number_stands_in_only_while_the_first_is_away() {
        let folder = tempfile::tempdir().unwrap();
        let nodes = folder.path();
        plug(nodes, 0, "HD Webcam", "usb1");
        let seat = Seat::below(0, nodes);
        assert_eq!(seat.number(), 0);
        unplug(nodes, 0);
        plug(nodes, 0, "Document camera", "usb2");
        assert_eq!(seat.number(), 0);
        plug(nodes, 4, "HD Webcam", "usb1");
        assert_eq!(seat.number(), 4);
        assert_eq!(Seat::below(9, nodes).number(), 9);
    }
}

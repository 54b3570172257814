//! The parent's side of a webcam: starts the child process, reads pictures from its pipe, kills it.

mod seat;

pub use seat::Seat;

use super::webcam_child::{HEADER_LEN, Header, Layout};
use super::{Camera, CameraError, Frame, Picture, Stop, Wanted, decode};
use crate::child;
use ffmpeg_next as ffmpeg;
use std::io::Read;
use std::process::{Child, ChildStdout};

/// A webcam behind a child process, or behind whatever writes its messages.
pub struct Webcam<R = ChildStdout> {
    name: String,
    pipe: R,
    jpeg: Option<decode::Jpeg>,
    buffer: Vec<u8>,
}

/// Kills with `SIGKILL` and reaps, on a thread of its own: a process that hangs in the driver dies only when the driver lets go.
fn kill(mut child: Child) {
    std::thread::spawn(move || {
        let _ = child.kill();
        let _ = child.wait();
    });
}

impl Webcam {
    /// Starts the child process; `stop` kills it.
    pub fn open(seat: &Seat, wanted: Wanted, stop: &Stop) -> Result<Self, CameraError> {
        let failed = |reason: String| CameraError::Open { camera: seat.to_string(), reason };
        let mut child = child::command("camera-child")
            .map_err(|e| failed(e.to_string()))?
            .args([seat.number(), wanted.width, wanted.height, wanted.fps].map(|n| n.to_string()))
            .spawn()
            .map_err(|e| failed(format!("starting the child process failed: {e}")))?;
        let pipe = child.stdout.take().ok_or_else(|| failed("the child process has no output".into()))?;
        // The child's standard input stays open, inside `child`, until the kill: its end tells an orphan to go.
        stop.on_stop(move || kill(child));
        Ok(Self::reading(seat.to_string(), pipe))
    }
}

impl<R: Read> Webcam<R> {
    fn reading(name: String, pipe: R) -> Self {
        Self { name, pipe, jpeg: None, buffer: Vec::new() }
    }

    fn failed(&self, reason: impl ToString) -> CameraError {
        CameraError::Read { camera: self.name.clone(), reason: reason.to_string() }
    }

    fn damaged(&self, reason: impl ToString) -> CameraError {
        CameraError::Damaged { camera: self.name.clone(), reason: reason.to_string() }
    }

    fn read_raw(&mut self, header: Header, format: ffmpeg::format::Pixel) -> Result<ffmpeg::frame::Video, CameraError> {
        let planes = header.layout.planes(header.width, header.height);
        let expected: usize = planes.iter().map(|(len, rows)| len * rows).sum();
        if (header.len as usize) < expected {
            self.skip(header.len as usize)?;
            return Err(self.damaged(format!("it has {} bytes of {expected}", header.len)));
        }
        let mut frame = ffmpeg::frame::Video::new(format, header.width, header.height);
        for (plane, (len, rows)) in planes.into_iter().enumerate().filter(|(_, (_, rows))| *rows > 0) {
            let stride = frame.stride(plane);
            let data = frame.data_mut(plane);
            if stride == len {
                self.pipe.read_exact(&mut data[..len * rows]).map_err(|e| self.failed(e))?;
            } else {
                for row in data.chunks_mut(stride).take(rows) {
                    self.pipe.read_exact(&mut row[..len]).map_err(|e| self.failed(e))?;
                }
            }
        }
        self.skip(header.len as usize - expected)?;
        Ok(frame)
    }

    fn read_jpeg(&mut self, header: Header) -> Result<ffmpeg::frame::Video, CameraError> {
        self.read_buffer(header.len as usize)?;
        let mut jpeg = match self.jpeg.take() {
            Some(jpeg) => jpeg,
            None => decode::Jpeg::new().map_err(|e| self.failed(e))?,
        };
        let decoded = jpeg.decode(&self.buffer);
        self.jpeg = Some(jpeg);
        decoded.map_err(|e| self.damaged(format!("a JPEG picture cannot be decoded: {e}")))
    }

    fn read_text(&mut self, header: Header) -> Result<String, CameraError> {
        self.read_buffer(header.len as usize)?;
        Ok(String::from_utf8_lossy(&self.buffer).into_owned())
    }

    fn read_buffer(&mut self, len: usize) -> Result<(), CameraError> {
        self.buffer.resize(len, 0);
        self.pipe.read_exact(&mut self.buffer).map_err(|e| self.failed(e))
    }

    fn skip(&mut self, len: usize) -> Result<(), CameraError> {
        if len > 0 { self.read_buffer(len) } else { Ok(()) }
    }
}

impl<R: Read> Camera for Webcam<R> {
    fn next(&mut self) -> Result<Frame, CameraError> {
        use ffmpeg::format::Pixel;
        let mut bytes = [0; HEADER_LEN];
        self.pipe.read_exact(&mut bytes).map_err(|_| self.failed("the child process ended"))?;
        let header = Header::from_bytes(&bytes).ok_or_else(|| self.failed("the child process sent no picture"))?;
        let frame = match header.layout {
            Layout::Yuyv => self.read_raw(header, Pixel::YUYV422)?,
            Layout::Nv12 => self.read_raw(header, Pixel::NV12)?,
            Layout::Gray => self.read_raw(header, Pixel::GRAY8)?,
            Layout::Rgb => self.read_raw(header, Pixel::RGB24)?,
            Layout::Bgr => self.read_raw(header, Pixel::BGR24)?,
            Layout::Mjpeg => self.read_jpeg(header)?,
            Layout::Damaged => return Err(self.read_text(header).map_or_else(|error| error, |reason| self.damaged(reason))),
            Layout::Failure => return Err(self.read_text(header).map_or_else(|error| error, |reason| self.failed(reason))),
        };
        Ok(Frame { boottime_us: header.boottime_us, picture: Picture::Raw(frame.into()) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::webcam_child::Pipe;
    use super::*;

    fn jpeg() -> Vec<u8> {
        let image = image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8 * 3, y as u8 * 4, (x * y) as u8]));
        let mut bytes = Vec::new();
        image.write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Jpeg).unwrap();
        bytes
    }

    fn size(frame: Frame) -> (u64, u32, u32) {
        match frame.picture {
            Picture::Raw(picture) => (frame.boottime_us, picture.width(), picture.height()),
            Picture::Encoded(_) => panic!("pixels were expected"),
        }
    }

    #[test]
    fn each_layout_arrives_and_damaged_pictures_cost_only_themselves() {
        let mut pipe = Pipe(Vec::new());
        pipe.picture(Layout::Nv12, (64, 48), 1, &[7; 64 * 48 * 3 / 2]).unwrap();
        pipe.picture(Layout::Yuyv, (6, 4), 2, &[7; 6 * 4 * 2]).unwrap();
        pipe.damaged(3, "the driver flagged it as bad").unwrap();
        pipe.picture(Layout::Mjpeg, (64, 48), 4, &jpeg()).unwrap();
        pipe.picture(Layout::Mjpeg, (64, 48), 5, &jpeg()[..700]).unwrap();
        pipe.picture(Layout::Gray, (64, 48), 6, &[7; 64 * 47]).unwrap();
        pipe.picture(Layout::Mjpeg, (64, 48), 7, &jpeg()).unwrap();
        // Some cameras hand out more than the picture.
        pipe.picture(Layout::Bgr, (64, 48), 8, &[7; 64 * 48 * 3 + 100]).unwrap();
        pipe.failure("the camera is not there").unwrap();

        let mut camera = Webcam::reading("webcam:0".into(), pipe.0.as_slice());
        let mut damaged = Vec::new();
        let mut whole = Vec::new();
        let failed = loop {
            match camera.next() {
                Ok(frame) => whole.push(size(frame)),
                Err(CameraError::Damaged { reason, .. }) => damaged.push(reason),
                Err(error) => break error.to_string(),
            }
        };
        assert_eq!(whole, [(1, 64, 48), (2, 6, 4), (4, 64, 48), (7, 64, 48), (8, 64, 48)]);
        assert_eq!(damaged[0], "the driver flagged it as bad");
        assert!(damaged[1].contains("cannot be decoded") && damaged[2].contains("of 3072"), "{damaged:?}");
        assert_eq!(damaged.len(), 3);
        assert_eq!(failed, "reading webcam:0 failed: the camera is not there");
        assert!(camera.next().err().unwrap().to_string().contains("ended"));
    }
}

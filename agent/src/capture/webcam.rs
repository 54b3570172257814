//! The parent's side of a webcam: starts the child process, reads pictures from its pipe, kills it.

use super::webcam_child::{HEADER_LEN, Header, Layout};
use super::{Camera, CameraError, Frame, Picture, Stop, Wanted, decode};
use ffmpeg_next as ffmpeg;
use std::io::Read;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A webcam behind a child process.
pub struct Webcam {
    name: String,
    pipe: ChildStdout,
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
    pub fn open(index: u32, wanted: Wanted, stop: &Stop) -> Result<Self, CameraError> {
        let name = format!("webcam:{index}");
        let failed = |reason: String| CameraError::Open { camera: format!("webcam:{index}"), reason };
        let program = std::env::current_exe().map_err(|e| failed(e.to_string()))?;
        let mut child = Command::new(program)
            .arg("camera-child")
            .args([index, wanted.width, wanted.height, wanted.fps].map(|n| n.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| failed(format!("starting the child process failed: {e}")))?;
        let pipe = child.stdout.take().ok_or_else(|| failed("the child process has no output".into()))?;
        // The child's standard input stays open, inside `child`, until the kill: its end tells an orphan to go.
        stop.on_stop(move || kill(child));
        Ok(Self { name, pipe, jpeg: None, buffer: Vec::new() })
    }

    fn failed(&self, reason: impl ToString) -> CameraError {
        CameraError::Read { camera: self.name.clone(), reason: reason.to_string() }
    }

    fn read_raw(
        &mut self,
        header: Header,
        format: ffmpeg::format::Pixel,
        rows: &[(usize, usize)],
    ) -> Result<ffmpeg::frame::Video, CameraError> {
        let expected: usize = rows.iter().map(|(len, count)| len * count).sum();
        if (header.len as usize) < expected {
            self.skip(header.len as usize)?;
            return Err(self.failed(format!("a picture of {} bytes is too short, expected {expected}", header.len)));
        }
        let mut frame = ffmpeg::frame::Video::new(format, header.width, header.height);
        for (plane, &(len, count)) in rows.iter().enumerate() {
            let stride = frame.stride(plane);
            let data = frame.data_mut(plane);
            if stride == len {
                self.pipe.read_exact(&mut data[..len * count]).map_err(|e| self.failed(e))?;
            } else {
                for row in data.chunks_mut(stride).take(count) {
                    self.pipe.read_exact(&mut row[..len]).map_err(|e| self.failed(e))?;
                }
            }
        }
        self.skip(header.len as usize - expected)?;
        Ok(frame)
    }

    fn read_buffer(&mut self, len: usize) -> Result<(), CameraError> {
        self.buffer.resize(len, 0);
        self.pipe.read_exact(&mut self.buffer).map_err(|e| self.failed(e))
    }

    fn skip(&mut self, len: usize) -> Result<(), CameraError> {
        if len > 0 { self.read_buffer(len) } else { Ok(()) }
    }
}

impl Camera for Webcam {
    fn next(&mut self) -> Result<Frame, CameraError> {
        use ffmpeg::format::Pixel;
        loop {
            let mut bytes = [0; HEADER_LEN];
            self.pipe.read_exact(&mut bytes).map_err(|_| self.failed("the child process ended"))?;
            let header = Header::from_bytes(&bytes).ok_or_else(|| self.failed("the child process sent no picture"))?;
            let (width, height) = (header.width as usize, header.height as usize);
            let frame = match header.layout {
                Layout::Yuyv => self.read_raw(header, Pixel::YUYV422, &[(width * 2, height)])?,
                Layout::Nv12 => self.read_raw(header, Pixel::NV12, &[(width, height), (width, height / 2)])?,
                Layout::Gray => self.read_raw(header, Pixel::GRAY8, &[(width, height)])?,
                Layout::Rgb => self.read_raw(header, Pixel::RGB24, &[(width * 3, height)])?,
                Layout::Bgr => self.read_raw(header, Pixel::BGR24, &[(width * 3, height)])?,
                Layout::Mjpeg => {
                    self.read_buffer(header.len as usize)?;
                    if self.jpeg.is_none() {
                        self.jpeg = Some(decode::Jpeg::new().map_err(|e| self.failed(e))?);
                    }
                    match self.jpeg.as_mut().map(|jpeg| jpeg.decode(&self.buffer)) {
                        Some(Ok(frame)) => frame,
                        // A damaged picture is dropped; the next one comes in a moment.
                        _ => continue,
                    }
                }
                Layout::Failure => {
                    self.read_buffer(header.len as usize)?;
                    return Err(self.failed(String::from_utf8_lossy(&self.buffer)));
                }
            };
            return Ok(Frame { boottime_us: header.boottime_us, picture: Picture::Raw(frame) });
        }
    }
}

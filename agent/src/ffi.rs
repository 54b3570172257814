//! The few calls of libav that ffmpeg-next does not wrap. The only unsafe code of the agent.
#![expect(unsafe_code, reason = "thin wrappers of C calls, each with its argument")]

use ffmpeg_next as ffmpeg;

/// The stream's `extradata`: H.264 parameter sets in Annex B or `avcC` form; empty if there are none.
pub fn extradata(parameters: &ffmpeg::codec::Parameters) -> Vec<u8> {
    // SAFETY: `parameters` keeps its AVCodecParameters alive for this call, and libavcodec guarantees that `extradata` is null or points to
    // at least `extradata_size` bytes. Nothing is kept beyond the copy.
    unsafe {
        let raw = &*parameters.as_ptr();
        match usize::try_from(raw.extradata_size) {
            Ok(len) if len > 0 && !raw.extradata.is_null() => std::slice::from_raw_parts(raw.extradata, len).to_vec(),
            _ => Vec::new(),
        }
    }
}

/// Picture size of a stream in pixels.
pub fn size(parameters: &ffmpeg::codec::Parameters) -> (u32, u32) {
    // SAFETY: as above; two integers are read.
    let (width, height) = unsafe { ((*parameters.as_ptr()).width, (*parameters.as_ptr()).height) };
    (u32::try_from(width).unwrap_or(0), u32::try_from(height).unwrap_or(0))
}

/// Changes the ceiling of an open encoder, bit/s, with a second of buffer. libx264 takes it over at its next picture; another encoder may not heed it.
pub fn set_ceiling(encoder: &mut ffmpeg::encoder::video::Encoder, bits: usize) {
    // SAFETY: the context is open and exclusively borrowed; both are plain numbers that encoders read when a picture is sent, on this thread.
    unsafe {
        let raw = &mut *encoder.as_mut_ptr();
        raw.rc_max_rate = i64::try_from(bits).unwrap_or(i64::MAX);
        raw.rc_buffer_size = i32::try_from(bits).unwrap_or(i32::MAX);
    }
}

/// Makes sure that the caller alone holds the frame's buffers before it writes into them again; copies only if somebody else still does.
pub fn make_writable(frame: &mut ffmpeg::frame::Video) -> Result<(), ffmpeg::Error> {
    // SAFETY: the frame is valid and exclusively borrowed; on failure libav leaves it unchanged.
    match unsafe { ffmpeg::ffi::av_frame_make_writable(frame.as_mut_ptr()) } {
        code if code >= 0 => Ok(()),
        code => Err(ffmpeg::Error::from(code)),
    }
}

/// The same for sound.
pub fn make_audio_writable(frame: &mut ffmpeg::frame::Audio) -> Result<(), ffmpeg::Error> {
    // SAFETY: as above.
    match unsafe { ffmpeg::ffi::av_frame_make_writable(frame.as_mut_ptr()) } {
        code if code >= 0 => Ok(()),
        code => Err(ffmpeg::Error::from(code)),
    }
}

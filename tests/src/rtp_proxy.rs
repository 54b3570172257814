//! A relay in front of an IP camera that changes what the camera says of its pictures: their timestamps, and the parameter sets in its description;
//! and that loses packets.

use anyhow::{Context, Result};
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;

/// What the relay does.
pub struct Changes {
    /// New timestamp for a camera's one (90,000 a second); packets of one picture have the same.
    pub stamp: Box<dyn Fn(u32) -> u32 + Send + Sync>,
    /// Takes the parameter sets out of the description.
    pub undescribed: bool,
    /// Which packets it leaves out, by their sequence number.
    pub lose: fn(u16) -> bool,
}

/// A running relay; it ends with the process.
#[derive(Debug)]
pub struct RtpProxy {
    port: u16,
}

impl RtpProxy {
    /// Relays to a camera at `port` of this machine.
    pub fn start(port: u16, changes: Changes) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("listen on a free loopback port")?;
        let own = listener.local_addr()?.port();
        let changes = Arc::new(changes);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let changes = Arc::clone(&changes);
                std::thread::spawn(move || relay(&client, port, &changes));
            }
        });
        Ok(Self { port: own })
    }

    /// Address of the camera behind it.
    pub fn url(&self) -> String {
        format!("rtsp://127.0.0.1:{}/camera", self.port)
    }
}

fn relay(client: &TcpStream, port: u16, changes: &Changes) {
    let Ok(camera) = TcpStream::connect(("127.0.0.1", port)) else { return };
    let (Ok(mut up_from), Ok(mut up_to)) = (client.try_clone(), camera.try_clone()) else { return };
    std::thread::spawn(move || {
        let _ = io::copy(&mut up_from, &mut up_to);
        let _ = up_to.shutdown(Shutdown::Write);
    });
    let mut from = BufReader::new(&camera);
    let mut to = client;
    while let Ok(Some(message)) = next(&mut from, changes) {
        if to.write_all(&message).is_err() {
            break;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
    let _ = camera.shutdown(Shutdown::Both);
}

/// The next interleaved packet or answer (RFC 2326, 10.12 and 6), changed.
fn next(from: &mut impl BufRead, changes: &Changes) -> io::Result<Option<Vec<u8>>> {
    let Some(first) = from.fill_buf()?.first().copied() else { return Ok(None) };
    if first == b'$' {
        let mut packet = vec![0; 4];
        from.read_exact(&mut packet)?;
        let length = usize::from(u16::from_be_bytes([packet[2], packet[3]]));
        packet.resize(4 + length, 0);
        from.read_exact(&mut packet[4..])?;
        // Even channels carry RTP: its sequence number is the second half of the first word, its timestamp is the second word.
        if packet[1].is_multiple_of(2) && packet.get(6..8).is_some_and(|number| (changes.lose)(u16::from_be_bytes([number[0], number[1]])))
        {
            return next(from, changes);
        }
        if packet[1].is_multiple_of(2)
            && let Some(stamp) = packet.get_mut(8..12)
        {
            let old = u32::from_be_bytes([stamp[0], stamp[1], stamp[2], stamp[3]]);
            stamp.copy_from_slice(&(changes.stamp)(old).to_be_bytes());
        }
        return Ok(Some(packet));
    }
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.trim().parse().unwrap_or(0),
            _ if line.trim().is_empty() => break,
            _ => head.push_str(&line),
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    let mut body = String::from_utf8_lossy(&body).into_owned();
    if changes.undescribed {
        body = without_sets(&body);
    }
    if !body.is_empty() {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    Ok(Some(format!("{head}\r\n{body}").into_bytes()))
}

fn without_sets(description: &str) -> String {
    let lines = description.split_inclusive('\n').map(|line| match line.split_once("sprop-parameter-sets=") {
        Some((before, after)) => {
            let rest = after.find(';').map_or_else(|| "\r\n".to_owned(), |at| after[at + 1..].to_owned());
            format!("{before}{rest}")
        }
        None => line.to_owned(),
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_get_other_timestamps_and_descriptions_lose_their_sets() {
        let changes = Changes { stamp: Box::new(|stamp| stamp + 5), undescribed: true, lose: |number| number == 2 };
        let mut packet = vec![b'$', 0, 0, 12];
        packet.extend([0x80, 96, 0, 1, 0, 0, 0, 7, 1, 2, 3, 4]);
        let text = "RTSP/1.0 200 OK\r\nContent-Length: 60\r\n\r\na=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0IA;x=1\r\n";
        let text = text.replace("60", &(text.len() - text.find("a=").unwrap()).to_string());
        let mut lost = packet.clone();
        lost[7] = 2;
        let mut input = [&packet[..], &lost, text.as_bytes()].concat();
        input.extend(&packet);
        let mut from = &input[..];
        let changed = next(&mut from, &changes).unwrap().unwrap();
        assert_eq!(changed[8..12], [0, 0, 0, 12]);
        let described = String::from_utf8(next(&mut from, &changes).unwrap().unwrap()).unwrap();
        assert!(described.ends_with("\r\n\r\na=fmtp:96 packetization-mode=1;x=1\r\n"), "{described}");
        assert_eq!(next(&mut from, &changes).unwrap().unwrap(), changed);
        assert_eq!(next(&mut from, &changes).unwrap(), None);
    }
}

#!/usr/bin/python3
"""A clapper board for tests: an IP camera whose picture flashes white and a loudspeaker that beeps, at the same instants.

usage: source.py --port N [--every 10] [--sink NAME] [--beep-delay-ms 0]

The camera is rtsp://127.0.0.1:N/camera: H.264, 640x480, 15 pictures a second, a ball on dark grey; at each clap two pictures are white. A second camera,
rtsp://127.0.0.1:N/second, sends Motion JPEG of the same size; of its own pictures it shows white those that are nearest to the claps. With --sink a beep
(1 kHz, 100 ms) goes to that PulseAudio sink (of PULSE_SERVER) at the same instants. --beep-delay-ms is a fault: it moves the beep and does not tell, so
that a measurement can be seen to find it.

It prints "ready" once it listens, then a line of JSON for each clap: {"clap": 1, "flash_us": ..., "second_us": ..., "beep_us": ..., "wobble_us": ...}. Times are CLOCK_MONOTONIC.
  flash_us  when the camera's sensor took the first white picture (before its encoder, as with a real camera)
  second_us the same of the second camera; null while nobody looks at it
  beep_us   when the beep's first sample was to be heard: PulseAudio says it for each block that it is handed (now + latency of the stream), and the
            median of what it says around the beep counts; null without --sink
  wobble_us how far what it says for these blocks is apart: where a busy machine let the sound stutter, nobody knows when the beep was to be heard
Their difference is the source's own skew; whoever measures a recording subtracts it. The camera's clock leads: a second before each clap the sound is
told the instant, and begins the beep at the very sample whose time that is.
Needs Debian's gir1.2-gst-rtsp-server-1.0, python3-gi, the plugin sets base and ugly (x264), and libpulse0 for sound.
"""

import argparse
import array
import collections
import ctypes
import ctypes.util
import json
import math
import signal
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

FPS = 15
WHITE_PICTURES = 2
RATE = 48_000
BLOCK = 480
BLOCK_US = BLOCK * 1_000_000 // RATE
AROUND = 30
BEEP_HZ = 1_000
BEEP_SECS = 0.1
PICTURE_US = 1_000_000 // FPS
SENSOR = (
    "( videotestsrc is-live=true pattern=ball background-color=0xff404040 ! "
    f"video/x-raw,format=I420,width=640,height=480,framerate={FPS}/1 ! videobalance name=board ! "
)
PIPELINE = SENSOR + "x264enc tune=zerolatency speed-preset=ultrafast bitrate=500 key-int-max=30 ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 )"
SECOND_PIPELINE = SENSOR + "jpegenc ! rtpjpegpay name=pay0 pt=26 )"


class Claps:
    """What is due and what has been done, of all ends."""

    def __init__(self, with_sound):
        self.lock = threading.Lock()
        self.with_sound = with_sound
        self.with_second = False
        # Announced and not told yet, in order.
        self.open = collections.deque()
        self.count = 0

    def forget(self):
        """The camera starts anew: what was due before is not comparable with what it will show."""
        with self.lock:
            self.open.clear()

    def announce(self, at_us):
        with self.lock:
            wanted = ["flash_us"] + ["second_us"] * self.with_second + ["beep_us"] * self.with_sound
            self.open.append({"due_us": at_us, "wanted": wanted, "second_us": None, "beep_us": None, "wobble_us": 0})

    def next_for(self, end):
        """When the next clap is due that this end has not done."""
        with self.lock:
            return next((clap["due_us"] for clap in self.open if end in clap["wanted"]), None)

    def done(self, end, at_us, **more):
        with self.lock:
            clap = next((clap for clap in self.open if end in clap["wanted"]), None)
            if clap is not None:
                clap["wanted"].remove(end)
                clap.update({end: at_us}, **more)
            while self.open and not self.open[0]["wanted"]:
                self.count += 1
                done = self.open.popleft()
                told = {end: done[end] for end in ("flash_us", "second_us", "beep_us", "wobble_us")}
                print(json.dumps({"clap": self.count} | told), flush=True)


def now_us():
    return time.monotonic_ns() // 1000


def board(media, claps, every):
    """Turns pictures white where they come out of the sensor, and announces each clap a second before."""
    claps.forget()
    balance = media.get_element().get_by_name("board")
    state = {"number": 0}
    # The first clap comes when whoever has just connected is used to the picture.
    pictures, ahead = round(every * FPS), FPS

    def picture(_pad, info):
        # When the sensor took it: a busy machine brings it here later than that.
        taken_us = (balance.get_base_time() + info.get_buffer().pts) // 1000
        number = state["number"]
        state["number"] += 1
        if number == FPS:
            send_at_once(media.get_element().get_parent())
        position = number % pictures
        if position == pictures - ahead:
            claps.announce(taken_us + ahead * PICTURE_US)
        if number >= pictures and position in (0, WHITE_PICTURES):
            balance.set_property("brightness", 1.0 if position == 0 else 0.0)
            if position == 0:
                claps.done("flash_us", taken_us)
        return Gst.PadProbeReturn.OK

    balance.get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, picture)


def second_board(media, claps):
    """The second camera's: of its pictures the one next to each clap's instant is the first white one."""
    balance = media.get_element().get_by_name("board")
    state = {"number": 0, "white": 0}
    claps.with_second = True

    def picture(_pad, info):
        taken_us = (balance.get_base_time() + info.get_buffer().pts) // 1000
        state["number"] += 1
        if state["number"] == FPS:
            send_at_once(media.get_element().get_parent())
        due = claps.next_for("second_us")
        if state["white"]:
            state["white"] -= 1
            if not state["white"]:
                balance.set_property("brightness", 0.0)
        elif due is not None and taken_us >= due - PICTURE_US // 2:
            balance.set_property("brightness", 1.0)
            state["white"] = WHITE_PICTURES
            claps.done("second_us", taken_us)
        return Gst.PadProbeReturn.OK

    balance.get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, picture)


def send_at_once(pipeline):
    """Pictures leave when they are encoded (3 ms after they were taken); by itself the RTSP server holds each back for the length of a picture and more."""
    elements = pipeline.iterate_recurse()
    result, element = elements.next()
    while result == Gst.IteratorResult.OK:
        if element.get_factory().get_name() == "appsink":
            element.set_property("sync", False)
        result, element = elements.next()


class SampleSpec(ctypes.Structure):
    _fields_ = [("format", ctypes.c_int), ("rate", ctypes.c_uint32), ("channels", ctypes.c_uint8)]


class BufferAttributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize")]


class Speaker:
    """A stream of sound to a PulseAudio sink by libpulse-simple: silence all the time, and a beep where one is due."""

    def __init__(self, sink):
        name = ctypes.util.find_library("pulse-simple") or "libpulse-simple.so.0"
        self.pulse = ctypes.CDLL(name)
        self.pulse.pa_simple_new.restype = ctypes.c_void_p
        self.pulse.pa_simple_get_latency.restype = ctypes.c_uint64
        error = ctypes.c_int(0)
        spec = SampleSpec(3, RATE, 1)  # PA_SAMPLE_S16LE
        whatever = 0xFFFFFFFF
        # 60 ms lie ready: a busy machine does not interrupt them, and the latency is told at each block in any case.
        attributes = BufferAttributes(whatever, RATE * 2 * 60 // 1000, whatever, whatever, whatever)
        stream = self.pulse.pa_simple_new(
            None, b"invigil-clap", 1, sink.encode(), b"clap", ctypes.byref(spec), None, ctypes.byref(attributes), ctypes.byref(error)
        )
        if not stream:
            sys.exit(f"source.py: opening the PulseAudio sink {sink} failed (error {error.value}); is PULSE_SERVER set and the sink there?")
        self.stream = ctypes.c_void_p(stream)

    def play(self, claps, delay_us):
        beep = [round(12_000 * math.sin(2 * math.pi * BEEP_HZ * n / RATE)) for n in range(int(RATE * BEEP_SECS))]
        rest = []
        # How far the time at which each of the last blocks is heard is from an even flow of blocks; 300 ms before a beep and 300 ms after it count.
        flow = collections.deque(maxlen=2 * AROUND + 1)
        begun = None
        number = 0
        while True:
            latency = self.pulse.pa_simple_get_latency(self.stream, None)
            heard_us = now_us() + latency
            flow.append(heard_us - number * BLOCK_US)
            if begun is not None and number - begun[0] >= AROUND:
                even_us = sorted(flow)[len(flow) // 2]
                beep_us = even_us + begun[0] * BLOCK_US + begun[1] * 1_000_000 / RATE - delay_us
                claps.done("beep_us", round(beep_us), wobble_us=max(flow) - min(flow))
                begun = None
            block = array.array("h", bytes(BLOCK * 2))
            due = claps.next_for("beep_us")
            at = None if due is None or begun is not None else round((due + delay_us - heard_us) * RATE / 1e6)
            if at is not None and at < BLOCK:
                # Where it could not be played in time (the sound stood still), it is told when it is played, and the test sees it.
                at = max(at, 0)
                rest = [0] * at + beep
                begun = (number, at)
            number += 1
            if rest:
                part, rest = rest[:BLOCK], rest[BLOCK:]
                block[: len(part)] = array.array("h", part)
            data = block.tobytes()
            if self.pulse.pa_simple_write(self.stream, data, ctypes.c_size_t(len(data)), None) < 0:
                sys.exit("source.py: writing to PulseAudio failed; has it ended?")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--every", type=float, default=10, help="seconds from clap to clap, at least 2")
    parser.add_argument("--sink", help="PulseAudio sink that beeps; without it the camera flashes alone")
    parser.add_argument("--beep-delay-ms", type=float, default=0, help="a fault: the beep comes so much later")
    options = parser.parse_args()
    Gst.init(None)
    claps = Claps(options.sink is not None)
    if options.sink:
        speaker = Speaker(options.sink)
        threading.Thread(target=speaker.play, args=(claps, options.beep_delay_ms * 1000), daemon=True).start()
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(options.port))
    cameras = [
        ("/camera", PIPELINE, lambda _, media: board(media, claps, options.every)),
        ("/second", SECOND_PIPELINE, lambda _, media: second_board(media, claps)),
    ]
    for name, pipeline, configure in cameras:
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(pipeline)
        factory.set_shared(True)
        factory.connect("media-configure", configure)
        server.get_mount_points().add_factory(name, factory)
    if server.attach(None) == 0:
        sys.exit(f"source.py: listening on 127.0.0.1:{options.port} failed")
    loop = GLib.MainLoop()
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGTERM, loop.quit)
    print("ready", flush=True)
    loop.run()


if __name__ == "__main__":
    main()

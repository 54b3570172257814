#!/usr/bin/python3
"""An IP camera for tests: serves H.264 by RTSP on loopback, live, as a room camera does, with a password if one is given.

usage: server.py --port N [--user NAME --password-env VARIABLE] [--size 640x360] [--fps 25] [--key-every 25] [--mounts 1]
                 [--codec h264|h265|mjpeg|h265+h264] [--sets both|described] [--b-frames 0] [--resize-every SECS] [--file CLIP] [--encoded FILE.h264]

The stream's address is rtsp://127.0.0.1:N/camera; more mounts are /camera1, /camera2 and so on. Once it listens it prints one line, "ready". Everybody
who connects to one sees the same live stream (it does not start anew, as a camera's does not), and the parameter sets are the encoder's: the test
compares them with what was recorded. --encoded plays a file of H.264 as it is, over and over, so that many cameras cost little.
Needs Debian's gir1.2-gst-rtsp-server-1.0, python3-gi and the plugin sets base, good, bad (x265) and ugly (x264).
"""

import argparse
import os
import signal
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--user")
    parser.add_argument("--password-env", help="name of the variable that holds the password: arguments are visible to every process")
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--fps", type=int, default=25)
    parser.add_argument("--key-every", type=int, default=25, help="pictures from one key frame to the next")
    parser.add_argument("--mounts", type=int, default=1, help="cameras under one address")
    parser.add_argument("--codec", choices=["h264", "h265", "mjpeg", "h265+h264"], default="h264")
    parser.add_argument("--sets", choices=["both", "described"], default="both", help="where H.264 parameter sets stand: also in the stream, or not")
    parser.add_argument("--b-frames", type=int, default=0)
    parser.add_argument("--resize-every", type=float, help="seconds after which the picture has half the size, or all of it again")
    parser.add_argument("--file", help="a clip instead of the moving pattern; it is not looped")
    parser.add_argument("--encoded", help="H.264 in a file (Annex B), looped")
    return parser.parse_args()


def quoted(name):
    """As gst-launch wants it: backslashes and quotation marks are escaped."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def h264(options, number):
    tune = "" if options.b_frames else "tune=zerolatency "
    preset = f"speed-preset={'superfast' if options.b_frames else 'ultrafast'} bframes={options.b_frames} b-adapt=false"
    encode = f"x264enc {tune}{preset} bitrate=1000 key-int-max={options.key_every}"
    if options.b_frames:
        # Else the payloader asks for the baseline profile, which has none.
        encode += " ! video/x-h264,profile=main"
    if options.sets == "described":
        return f"{encode} ! video/x-h264,stream-format=avc ! rtph264pay name=pay{number} pt=96 config-interval=0"
    # config-interval=-1: parameter sets stand before each key frame too, as most cameras send them.
    return f"{encode} ! h264parse ! rtph264pay name=pay{number} pt=96 config-interval=-1"


def h265(options, number):
    encode = f"x265enc tune=zerolatency speed-preset=ultrafast bitrate=500 key-int-max={options.key_every}"
    return f"{encode} ! h265parse ! rtph265pay name=pay{number} pt=97 config-interval=-1"


def pipeline(options):
    width, height = options.size.split("x")
    if options.encoded:
        source = f"multifilesrc loop=true location={quoted(options.encoded)}"
        form = f"video/x-h264,stream-format=byte-stream,framerate={options.fps}/1"
        described = options.sets == "described"
        parse = "h264parse ! video/x-h264,stream-format=avc" if described else "h264parse"
        return f"( {source} caps=\"{form}\" ! {parse} ! identity sync=true ! rtph264pay name=pay0 pt=96 config-interval={0 if described else -1} )"
    if options.file:
        source = f"filesrc location={quoted(options.file)} ! decodebin ! videoconvert ! videoscale ! videorate ! identity sync=true"
    else:
        source = "videotestsrc is-live=true pattern=ball"
    shape = f'capsfilter name=shape caps="video/x-raw,format=I420,width={width},height={height},framerate={options.fps}/1"'
    if options.codec == "mjpeg":
        return f"( {source} ! {shape} ! jpegenc ! rtpjpegpay name=pay0 pt=26 )"
    if options.codec == "h265":
        return f"( {source} ! {shape} ! {h265(options, 0)} )"
    if options.codec == "h265+h264":
        small = f"queue ! videoscale ! video/x-raw,width={int(width) // 2},height={int(height) // 2}"
        return f"( {source} ! {shape} ! tee name=both both. ! queue ! {h265(options, 0)} both. ! {small} ! {h264(options, 1)} )"
    return f"( {source} ! {shape} ! {h264(options, 0)} )"


def resize(media, options):
    """The picture changes its size while it is watched, as when somebody changes the camera's settings."""
    shape = media.get_element().get_by_name("shape")
    width, height = map(int, options.size.split("x"))
    state = {"small": False}

    def change():
        state["small"] = not state["small"]
        by = 2 if state["small"] else 1
        form = f"video/x-raw,format=I420,width={width // by},height={height // by},framerate={options.fps}/1"
        shape.set_property("caps", Gst.Caps.from_string(form))
        return True

    GLib.timeout_add(int(options.resize_every * 1000), change)


def protect(server, factories, user, password):
    """Digest and basic authentication for one user who may watch; nobody else may."""
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    for factory in factories:
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("viewer", "media.factory.access", True)
        permissions.add_permission_for_role("viewer", "media.factory.construct", True)
        factory.set_permissions(permissions)


def main():
    options = arguments()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(options.port))
    server.set_backlog(64)
    factories = []
    for number in range(options.mounts):
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(pipeline(options))
        factory.set_shared(True)
        if options.resize_every:
            factory.connect("media-configure", lambda _, media: resize(media, options))
        server.get_mount_points().add_factory(f"/camera{number or ''}", factory)
        factories.append(factory)
    if options.user:
        protect(server, factories, options.user, os.environ[options.password_env])
    if server.attach(None) == 0:
        sys.exit(f"server.py: listening on 127.0.0.1:{options.port} failed")
    loop = GLib.MainLoop()
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGTERM, loop.quit)
    print("ready", flush=True)
    loop.run()


if __name__ == "__main__":
    main()

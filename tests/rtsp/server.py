#!/usr/bin/python3
"""An IP camera for tests: serves H.264 by RTSP on loopback, live, as a room camera does, with a password if one is given.

usage: server.py --port N [--user NAME --password-env VARIABLE] [--size 640x360] [--fps 25] [--key-every 25] [--file CLIP] [--codec h264|mjpeg]

The stream's address is rtsp://127.0.0.1:N/camera. Once it listens it prints one line, "ready". Everybody who connects sees the same live stream (it
does not start anew, as a camera's does not), and the parameter sets are the encoder's: the test compares them with what was recorded.
Needs Debian's gir1.2-gst-rtsp-server-1.0, python3-gi and the plugin sets base, good, bad and ugly (x264).
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
    parser.add_argument("--file", help="a clip instead of the moving pattern; it is not looped")
    parser.add_argument("--codec", choices=["h264", "mjpeg"], default="h264")
    return parser.parse_args()


def pipeline(options):
    width, height = options.size.split("x")
    if options.file:
        # Quoted as gst-launch wants it: backslashes and quotation marks are escaped.
        name = options.file.replace("\\", "\\\\").replace('"', '\\"')
        source = f'filesrc location="{name}" ! decodebin ! videoconvert ! videoscale ! videorate ! identity sync=true'
    else:
        source = "videotestsrc is-live=true pattern=ball"
    shape = f"video/x-raw,format=I420,width={width},height={height},framerate={options.fps}/1"
    if options.codec == "mjpeg":
        return f"( {source} ! {shape} ! jpegenc ! rtpjpegpay name=pay0 pt=26 )"
    encode = f"x264enc tune=zerolatency speed-preset=ultrafast bitrate=1000 key-int-max={options.key_every}"
    # config-interval=-1: parameter sets stand before each key frame too, as most cameras send them.
    return f"( {source} ! {shape} ! {encode} ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 )"


def protect(server, factory, user, password):
    """Digest and basic authentication for one user who may watch; nobody else may."""
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.add_digest(user, password, token)
    server.set_auth(auth)
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
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(pipeline(options))
    factory.set_shared(True)
    if options.user:
        protect(server, factory, options.user, os.environ[options.password_env])
    server.get_mount_points().add_factory("/camera", factory)
    if server.attach(None) == 0:
        sys.exit(f"server.py: listening on 127.0.0.1:{options.port} failed")
    loop = GLib.MainLoop()
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGTERM, loop.quit)
    print("ready", flush=True)
    loop.run()


if __name__ == "__main__":
    main()

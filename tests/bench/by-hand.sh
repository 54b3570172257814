#!/bin/bash
# What an administrator would take instead of the product: ffmpeg encodes into segments of 10 s, age seals each finished one, curl takes it to an HTTPS server.
# usage: by-hand.sh FOLDER RECIPIENT URL CA FFMPEG-ARGUMENT...   (everything up to and with the encoder's options)
set -euo pipefail
folder=$1 recipient=$2 url=$3 ca=$4
shift 4
ffmpeg "$@" -f segment -segment_time 10 -segment_format mp4 -segment_list pipe:1 -segment_list_type flat -y "$folder/%05d.mp4" |
  while read -r name; do
    age --encrypt --recipient "$recipient" --output "$folder/$name.age" "$folder/$name"
    curl --silent --fail --cacert "$ca" --upload-file "$folder/$name.age" "$url/$name.age"
    rm "$folder/$name" "$folder/$name.age"
  done

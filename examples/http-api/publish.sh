#!/bin/sh
# Signs and sends one event without an SDK. Needs curl and openssl.
set -eu
server="${SOKETIFY_URL:-http://127.0.0.1:6001}"
path="/apps/$SOKETIFY_APP_ID/events"
body='{"name":"my-event","channels":["my-channel"],"data":"{\"hello\":\"world\"}"}'

md5=$(printf '%s' "$body" | openssl md5 | sed 's/.* //')
query="auth_key=$SOKETIFY_APP_KEY&auth_timestamp=$(date +%s)&auth_version=1.0&body_md5=$md5"
signature=$(printf 'POST\n%s\n%s' "$path" "$query" | openssl sha256 -hmac "$SOKETIFY_APP_SECRET" | sed 's/.* //')

curl --silent --show-error --fail-with-body "$server$path?$query&auth_signature=$signature" \
  --header 'Content-Type: application/json' --data "$body"

"""Authorizes subscriptions. Pusher SDKs call it before they subscribe to a private or presence channel."""

import os
from typing import Annotated

import pusher
from fastapi import Depends, FastAPI, Form, Header, HTTPException

soketify = pusher.Pusher(
    app_id=os.environ["SOKETIFY_APP_ID"],
    key=os.environ["SOKETIFY_APP_KEY"],
    secret=os.environ["SOKETIFY_APP_SECRET"],
    host=os.environ.get("SOKETIFY_HOST", "127.0.0.1"),
    port=int(os.environ.get("SOKETIFY_PORT", "6001")),
    ssl=False,
)

# In your application these are your sessions and your users.
users = {
    "token-of-ada": {"id": "ada", "name": "Ada"},
    "token-of-bo": {"id": "bo", "name": "Bo"},
}

app = FastAPI()


def current_user(authorization: Annotated[str, Header()] = "") -> dict[str, str]:
    user = users.get(authorization.removeprefix("Bearer "))
    if user is None:
        raise HTTPException(403, "Log in first")
    return user


User = Annotated[dict[str, str], Depends(current_user)]


@app.post("/pusher/auth")
def authorize(user: User, socket_id: Annotated[str, Form()], channel_name: Annotated[str, Form()]):
    if channel_name == "presence-room":
        member = {"user_id": user["id"], "user_info": {"name": user["name"]}}
        return soketify.authenticate(channel_name, socket_id, member)
    if channel_name == f"private-inbox-{user['id']}":
        return soketify.authenticate(channel_name, socket_id)
    raise HTTPException(403, "You may not join this channel")


@app.post("/pusher/user-auth")
def authenticate(user: User, socket_id: Annotated[str, Form()]):
    return soketify.authenticate_user(socket_id, {"id": user["id"], "user_info": {"name": user["name"]}})


@app.post("/messages", status_code=204)
def send(user: User, text: Annotated[str, Form()]) -> None:
    soketify.trigger("presence-room", "message", {"from": user["name"], "text": text})

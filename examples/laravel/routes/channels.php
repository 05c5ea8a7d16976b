<?php

use Illuminate\Support\Facades\Broadcast;

// Laravel signs with the app's secret, for the user of the session. The names have no "private-" or "presence-" here.

// Echo.private("inbox.7"): only the user 7 may read it.
Broadcast::channel('inbox.{id}', fn ($user, int $id) => $user->id === $id);

// Echo.join("room"): the other members see the returned array.
Broadcast::channel('room', fn ($user) => ['id' => $user->id, 'name' => $user->name]);

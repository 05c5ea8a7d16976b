<?php
// Prints the connection that config/broadcasting.php makes from the environment, without Laravel.

function env(string $name, mixed $default = null): mixed
{
    $value = getenv($name);
    return $value === false ? $default : $value;
}

echo json_encode((require __DIR__ . '/config/broadcasting.php')['connections']['pusher']);

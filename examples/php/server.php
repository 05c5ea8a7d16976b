<?php
// Authorizes subscriptions without an SDK. Pusher SDKs call it before they subscribe to a private or presence channel.

$key = getenv('SOKETIFY_APP_KEY');
$secret = getenv('SOKETIFY_APP_SECRET');

// Replace these with your application's sessions and users.
$users = [
    'token-of-ada' => ['id' => 'ada', 'name' => 'Ada'],
    'token-of-bo' => ['id' => 'bo', 'name' => 'Bo'],
];

function refuse(string $reason): never
{
    http_response_code(403);
    exit($reason);
}

function answer(array $fields): never
{
    header('Content-Type: application/json');
    exit(json_encode($fields));
}

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (!str_starts_with($path, '/pusher/')) {
    http_response_code(404);
    exit;
}

$token = preg_replace('/^Bearer /', '', $_SERVER['HTTP_AUTHORIZATION'] ?? '');
$user = $users[$token] ?? refuse('Log in first');
$socketId = $_POST['socket_id'] ?? '';
$channel = $_POST['channel_name'] ?? '';
// Validate the socket id: with ":" in it, the signed text could have another meaning.
if (!preg_match('/^\d+\.\d+$/', $socketId)) refuse('socket_id must be two numbers with a dot between them');
$sign = fn (string $text) => $key . ':' . hash_hmac('sha256', $text, $secret);

if ($path === '/pusher/user-auth') {
    $data = json_encode(['id' => $user['id'], 'user_info' => ['name' => $user['name']]]);
    answer(['auth' => $sign("$socketId::user::$data"), 'user_data' => $data]);
}
if ($channel === 'presence-room') {
    $data = json_encode(['user_id' => $user['id'], 'user_info' => ['name' => $user['name']]]);
    answer(['auth' => $sign("$socketId:$channel:$data"), 'channel_data' => $data]);
}
if ($channel === "private-inbox-{$user['id']}") {
    answer(['auth' => $sign("$socketId:$channel")]);
}
refuse('You may not join this channel');

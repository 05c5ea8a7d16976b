<?php

return [

    'default' => env('BROADCAST_CONNECTION', 'null'),

    'connections' => [

        // The driver "pusher" is the package pusher/pusher-php-server, unchanged: only the host is not Pusher's.
        'pusher' => [
            'driver' => 'pusher',
            'key' => env('PUSHER_APP_KEY'),
            'secret' => env('PUSHER_APP_SECRET'),
            'app_id' => env('PUSHER_APP_ID'),
            'options' => [
                // Without a host the package sends every event to Pusher.
                'host' => env('PUSHER_HOST', '127.0.0.1'),
                'port' => (int) env('PUSHER_PORT', 6001),
                'scheme' => env('PUSHER_SCHEME', 'http'),
                'useTLS' => env('PUSHER_SCHEME', 'http') === 'https',
                // The package requires a cluster. With a host it is not used.
                'cluster' => 'default',
            ],
        ],

        'log' => ['driver' => 'log'],
        'null' => ['driver' => 'null'],

    ],

];

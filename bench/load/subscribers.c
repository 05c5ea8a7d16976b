/*
 * Many subscribers in one process, for loads that a client in JavaScript cannot receive. Connects them one after another,
 * subscribes them in a random order (the same in each run), prints `ready`, then receives. Reads commands from standard
 * input and answers each with one line:
 *   reset FIRST      discard all counts; the next event has this sequence number
 *   count            deliveries since the reset
 *   report PUBLISHED deliveries, duplicates, subscribers that miss an event before PUBLISHED, frame bytes, TCP segments
 *                    that contained them, and the histogram of latencies as `bucket:count` (buckets as in
 *                    client/histogram.ts). Over loopback one segment is one write of the server: it holds up to 64 KiB
 * usage: subscribers ADDRESS PORT KEY COUNT CHANNEL... ; ADDRESS is IPv4; `%d` in a channel becomes the subscriber's number. With more than one
 * channel, or a numbered one, sequences are not checked: no subscriber receives every event.
 * Compiled with -DTLS it connects with TLS and checks no certificate.
 * Compiled with -DCENTRIFUGO it speaks Centrifugo's JSON protocol, where a frame may contain several publications, one per line.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef TLS
#include <openssl/ssl.h>
#endif

enum {
  SUBSCRIBERS_MAX = 19900,
  EVENTS_MAX = 1024,
  CHUNK_BYTES = 1 << 18,
  SEQUENCE_DIGITS = 9,
  MICROS_DIGITS = 16,
  STAMP_BYTES = 2 + SEQUENCE_DIGITS + MICROS_DIGITS,
  SUB_BUCKET_BITS = 5,
  BUCKETS = 28 << SUB_BUCKET_BITS,
};

struct subscriber {
  int fd;
  int carried; /* bytes of a frame whose rest has not arrived */
  int is_upgraded;
  int acknowledged; /* hello and subscriptions */
  char *carry;
  int next;       /* the lowest sequence number that has not arrived */
  unsigned ahead; /* one bit for each number from there */
  unsigned segments; /* with data, received before the reset */
#ifdef TLS
  SSL *tls;
#endif
};

static struct subscriber subscribers[SUBSCRIBERS_MAX];
static int count, checks_sequence;
static long deliveries, duplicates, frame_bytes, histogram[BUCKETS];

static void die(const char *what) {
  perror(what);
  exit(1);
}

static long now_micros(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

#ifdef TLS
/* Like recv and send. OpenSSL reads no further than the current record, so that epoll still reports what follows it. */
static long take(struct subscriber *subscriber, char *into, long room) {
  int got = SSL_read(subscriber->tls, into, room);
  if (got > 0) return got;
  int reason = SSL_get_error(subscriber->tls, got);
  errno = reason == SSL_ERROR_WANT_READ ? EAGAIN : EIO;
  return reason == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

static long give(struct subscriber *subscriber, const void *bytes, long length) {
  return SSL_write(subscriber->tls, bytes, length) == length ? length : -1;
}

static void shake_hands(struct subscriber *subscriber) {
  static SSL_CTX *context;
  if (context == NULL) context = SSL_CTX_new(TLS_client_method());
  subscriber->tls = SSL_new(context);
  SSL_set_fd(subscriber->tls, subscriber->fd);
  if (SSL_connect(subscriber->tls) != 1) die("TLS handshake");
}
#else
static long take(struct subscriber *subscriber, char *into, long room) { return recv(subscriber->fd, into, room, 0); }
static long give(struct subscriber *subscriber, const void *bytes, long length) {
  return send(subscriber->fd, bytes, length, MSG_NOSIGNAL);
}
static void shake_hands(struct subscriber *subscriber) { (void)subscriber; }
#endif

static long digits(const char *at, int length) {
  long value = 0;
  while (length-- > 0) value = value * 10 + (*at++ - '0');
  return value;
}

static void record(long micros) {
  unsigned value = micros < 0 ? 0 : micros > 0x7fffffff ? 0x7fffffff : (unsigned)micros;
  int shift = value == 0 ? 0 : 31 - __builtin_clz(value) - SUB_BUCKET_BITS;
  if (shift < 0) shift = 0;
  histogram[(shift << SUB_BUCKET_BITS) + (value >> shift)]++;
}

static void see(struct subscriber *subscriber, int sequence) {
  int distance = sequence - subscriber->next;
  if (distance < 0 || (distance < 32 && (subscriber->ahead >> distance & 1))) {
    duplicates++;
    return;
  }
  if (distance >= 32) return; /* the events between are lost: this subscriber stays incomplete */
  subscriber->ahead |= 1u << distance;
  while (subscriber->ahead & 1) {
    subscriber->ahead >>= 1;
    subscriber->next++;
  }
}

#ifdef CENTRIFUGO
enum { TAIL_BYTES = 4 }; /* a publication ends in `"}}}` */
static const char HANDSHAKE[] = "GET /connection/websocket?%s HTTP/1.1\r\nHost: %s:%d\r\n";
static const char SUBSCRIBE[] = "{\"id\":2,\"subscribe\":{\"channel\":\"%s\"}}";
#else
enum { TAIL_BYTES = 2 }; /* an event ends in `"}` */
static const char HANDSHAKE[] = "GET /app/%s?protocol=7&client=bench&version=1.0 HTTP/1.1\r\nHost: %s:%d\r\n";
static const char SUBSCRIBE[] = "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"%s\",\"auth\":\"\"}}";
#endif

static void say(struct subscriber *subscriber, const char *text);

static void on_message(struct subscriber *subscriber, const char *text, long length, long now) {
  const char *stamp = text + length - TAIL_BYTES - STAMP_BYTES;
  if (stamp >= text && *stamp == '|' && stamp[1 + SEQUENCE_DIGITS] == '|') {
    deliveries++;
    frame_bytes = length;
    record(now - digits(stamp + 2 + SEQUENCE_DIGITS, MICROS_DIGITS));
    if (checks_sequence) see(subscriber, digits(stamp + 1, SEQUENCE_DIGITS));
    return;
  }
#ifdef CENTRIFUGO
  if (length == 2) say(subscriber, "{}"); /* a ping */
  if (memmem(text, length, "\"id\":", 5)) subscriber->acknowledged++;
  if (memmem(text, length, "\"error\":", 8) || memmem(text, length, "\"disconnect\":", 13)) {
    fprintf(stderr, "the server answered %.*s\n", (int)length, text);
    exit(1);
  }
#else
  if (memmem(text, length, "connection_established", 22) || memmem(text, length, "subscription_succeeded", 22))
    subscriber->acknowledged++;
#endif
}

static void on_text(struct subscriber *subscriber, const char *text, long length, long now) {
#ifdef CENTRIFUGO
  const char *end;
  while ((end = memchr(text, '\n', length)) != NULL) {
    on_message(subscriber, text, end - text, now);
    length -= end + 1 - text;
    text = end + 1;
  }
  if (length == 0) return;
#endif
  on_message(subscriber, text, length, now);
}

/* Handles all complete frames, and returns their size in bytes. */
static long on_bytes(struct subscriber *subscriber, char *bytes, long length, long now) {
  long at = 0;
  while (length - at >= 2) {
    unsigned char *head = (unsigned char *)bytes + at;
    long header = head[1] < 126 ? 2 : head[1] == 126 ? 4 : 10, payload = head[1];
    if (length - at < header) break;
    if (header > 2) payload = 0;
    for (long i = 2; i < header; i++) payload = payload << 8 | head[i];
    if (length - at < header + payload) break;
    char *text = bytes + at + header;
    int op = head[0] & 15;
    if (op == 1) on_text(subscriber, text, payload, now);
    if (op == 9 && payload < 126) {
      char pong[6 + 125] = {(char)0x8a, (char)(0x80 | payload)};
      memcpy(pong + 6, text, payload);
      if (give(subscriber, pong, 6 + payload) < 0) die("pong");
    }
    if (op == 8) {
      fprintf(stderr, "the server closed a subscriber with %d\n", payload < 2 ? 0 : (head[header] << 8 | head[header + 1]));
      exit(1);
    }
    at += header + payload;
  }
  return at;
}

static void receive(struct subscriber *subscriber) {
  static char chunk[CHUNK_BYTES];
  if (subscriber->carried > 0) memcpy(chunk, subscriber->carry, subscriber->carried);
  long got = take(subscriber, chunk + subscriber->carried, CHUNK_BYTES - subscriber->carried);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    fprintf(stderr, "a subscriber's connection ended: %s\n", got == 0 ? "closed by the server" : strerror(errno));
    exit(1);
  }
  long length = subscriber->carried + got, from = 0;
  if (!subscriber->is_upgraded) {
    char *end = memmem(chunk, length, "\r\n\r\n", 4);
    if (end != NULL) {
      if (memcmp(chunk, "HTTP/1.1 101", 12) != 0) {
        fprintf(stderr, "the server answered the upgrade with %.60s\n", chunk);
        exit(1);
      }
      subscriber->is_upgraded = 1;
      from = end + 4 - chunk;
    }
  }
  if (subscriber->is_upgraded) from += on_bytes(subscriber, chunk + from, length - from, now_micros());
  int rest = length - from;
  if (rest > subscriber->carried) subscriber->carry = realloc(subscriber->carry, rest);
  if (rest > 0 && subscriber->carry == NULL) die("realloc");
  if (rest > 0) memcpy(subscriber->carry, chunk + from, rest);
  subscriber->carried = rest;
}

static void say(struct subscriber *subscriber, const char *text) {
  unsigned char frame[1024] = {0x81, 0x80 | 126};
  int length = strlen(text);
  frame[2] = length >> 8;
  frame[3] = length;
  memcpy(frame + 8, text, length);
  int head = 8;
  if (length < 126) { /* the short header; the mask is four zero bytes */
    frame[1] = 0x80 | length;
    memset(frame + 2, 0, 4);
    memcpy(frame + 6, text, length);
    head = 6;
  }
  if (give(subscriber, frame, head + length) < 0) die("send");
}

static void open_connection(struct subscriber *subscriber, const char *host, int port, const char *key) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  char text[512];
  int on = 1;
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) die(host);
  subscriber->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (subscriber->fd < 0) die("socket");
  if (connect(subscriber->fd, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
  setsockopt(subscriber->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  int length = snprintf(text, sizeof text, HANDSHAKE, key, host, port);
  length += snprintf(text + length, sizeof text - length,
                        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        "Sec-WebSocket-Version: 13\r\n\r\n");
  shake_hands(subscriber);
  if (give(subscriber, text, length) < 0) die("send");
#ifdef CENTRIFUGO
  while (!subscriber->is_upgraded) receive(subscriber);
  say(subscriber, "{\"id\":1,\"connect\":{}}");
#endif
  while (subscriber->acknowledged < 1) receive(subscriber);
  fcntl(subscriber->fd, F_SETFL, O_NONBLOCK);
}

static void subscribe(int number, char **channels, int channel_count) {
  char text[512], channel[256];
  for (int i = 0; i < channel_count; i++) {
    char *numbered = strstr(channels[i], "%d");
    if (numbered == NULL) snprintf(channel, sizeof channel, "%s", channels[i]);
    else snprintf(channel, sizeof channel, "%.*s%d%s", (int)(numbered - channels[i]), channels[i], number, numbered + 2);
    snprintf(text, sizeof text, SUBSCRIBE, channel);
    say(&subscribers[number], text);
  }
}

/* The kernel counts the segments, because one read may return several. */
static unsigned segments_received(int fd) {
  struct tcp_info info = {0};
  socklen_t length = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0) die("getsockopt");
  return info.tcpi_data_segs_in;
}

static void reset(int first) {
  deliveries = duplicates = 0;
  memset(histogram, 0, sizeof histogram);
  for (int i = 0; i < count; i++) {
    subscribers[i].next = first;
    subscribers[i].ahead = 0;
    subscribers[i].segments = segments_received(subscribers[i].fd);
  }
}

static void report(int published) {
  int incomplete = 0;
  long segments = 0;
  for (int i = 0; i < count; i++) segments += segments_received(subscribers[i].fd) - subscribers[i].segments;
  for (int i = 0; checks_sequence && i < count; i++) incomplete += subscribers[i].next < published;
  printf("%ld %ld %d %ld %ld", deliveries, duplicates, incomplete, frame_bytes, segments);
  for (int i = 0; i < BUCKETS; i++)
    if (histogram[i] > 0) printf(" %d:%ld", i, histogram[i]);
}

static void obey(char *line) {
  if (strncmp(line, "reset ", 6) == 0) reset(atoi(line + 6)), printf("reset");
  else if (strncmp(line, "count", 5) == 0) printf("%ld", deliveries);
  else if (strncmp(line, "report ", 7) == 0) report(atoi(line + 7));
  else printf("unknown command");
  printf("\n");
  fflush(stdout);
}

/* Handles what is ready, after at most this time; -1: waits for something. */
static void serve(int poller, int wait_ms) {
  static struct epoll_event events[EVENTS_MAX];
  int ready = epoll_wait(poller, events, EVENTS_MAX, wait_ms);
  for (int i = 0; i < ready; i++) {
    char line[64];
    if (events[i].data.u32 < SUBSCRIBERS_MAX) {
      receive(&subscribers[events[i].data.u32]);
      continue;
    }
    long length = read(0, line, sizeof line - 1);
    if (length <= 0) exit(0);
    line[length] = 0;
    obey(line);
  }
}

/*
 * The order of connections in memory changes the cost of a delivery: it is lowest if they subscribed in the order in which
 * they connected, as no clients of a running server do.
 */
static void shuffle(int *numbers) {
  srand(1);
  for (int i = 0; i < count; i++) {
    int other = rand() % (i + 1);
    numbers[i] = numbers[other];
    numbers[other] = i;
  }
}

int main(int argc, char **argv) {
  static int order[SUBSCRIBERS_MAX];
  if (argc < 6 || atoi(argv[4]) > SUBSCRIBERS_MAX) return fprintf(stderr, "usage: subscribers ADDRESS PORT KEY COUNT CHANNEL...\n"), 2;
  count = atoi(argv[4]);
  int channel_count = argc - 5;
  checks_sequence = channel_count == 1 && strstr(argv[5], "%d") == NULL;
  int poller = epoll_create1(0);
  for (int i = 0; i < count; i++) {
    open_connection(&subscribers[i], argv[1], atoi(argv[2]), argv[3]);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, subscribers[i].fd, &event) < 0) die("epoll_ctl");
    serve(poller, 0); /* answers pings: with TLS it may take long until all are connected */
  }
  shuffle(order);
  for (int i = 0; i < count; i++) {
    subscribe(order[i], argv + 5, channel_count);
    while (subscribers[order[i]].acknowledged < 1 + channel_count) serve(poller, -1);
  }
  struct epoll_event commands = {.events = EPOLLIN, .data.u32 = SUBSCRIBERS_MAX};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, 0, &commands) < 0) die("epoll_ctl");
  printf("ready\n");
  fflush(stdout);
  for (;;) serve(poller, -1);
}

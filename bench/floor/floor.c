/*
 * The floor: the minimum cost of a fan-out, with only sockets. One epoll loop accepts HTTP requests and WebSocket upgrades on
 * one port. The body of a POST is sent unchanged as the frame's payload: no JSON, no signature, no channels. Each socket gets
 * all frames of a loop turn in one write. There is no slow-reader policy: unsent bytes stay in the socket's buffer.
 * usage: floor PORT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FILES_MAX = 20000, EVENTS_MAX = 1024, REQUEST_BYTES_MAX = 16384, TURN_BYTES_MAX = 1 << 20 };

struct peer {
  int is_upgraded;
  int is_subscriber;
  int has_left;        /* bytes of `left` still to write */
  char *left;
  int request_bytes;
  char *request;
};

static struct peer peers[FILES_MAX];
static int subscribers[FILES_MAX];
static int subscriber_count;
static char turn[TURN_BYTES_MAX]; /* the frames of this loop turn */
static int turn_bytes;
static int poller;

static void die(const char *what) {
  perror(what);
  exit(1);
}

/* SHA-1 of a short text, for the handshake only. */
static void sha1(const unsigned char *text, size_t length, unsigned char out[20]) {
  unsigned int h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  unsigned char padded[128] = {0};
  size_t blocks = (length + 8) / 64 + 1;
  memcpy(padded, text, length);
  padded[length] = 0x80;
  padded[blocks * 64 - 2] = (unsigned char)(length * 8 >> 8);
  padded[blocks * 64 - 1] = (unsigned char)(length * 8);
  for (size_t block = 0; block < blocks; block++) {
    unsigned int w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 16; i++) {
      unsigned int word;
      memcpy(&word, padded + block * 64 + i * 4, 4);
      w[i] = ntohl(word);
    }
    for (int i = 16; i < 80; i++) {
      unsigned int x = w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16];
      w[i] = x << 1 | x >> 31;
    }
    for (int i = 0; i < 80; i++) {
      unsigned int f, k;
      if (i < 20) f = (b & c) | (~b & d), k = 0x5A827999;
      else if (i < 40) f = b ^ c ^ d, k = 0x6ED9EBA1;
      else if (i < 60) f = (b & c) | (b & d) | (c & d), k = 0x8F1BBCDC;
      else f = b ^ c ^ d, k = 0xCA62C1D6;
      unsigned int next = (a << 5 | a >> 27) + f + e + k + w[i];
      e = d, d = c, c = b << 30 | b >> 2, b = a, a = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
  }
  for (int i = 0; i < 5; i++) {
    unsigned int word = htonl(h[i]);
    memcpy(out + i * 4, &word, 4);
  }
}

static void base64(const unsigned char in[20], char out[29]) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int i = 0, o = 0; i < 21; i += 3, o += 4) {
    unsigned int three = in[i] << 16 | in[i + 1] << 8 | (i + 2 < 20 ? in[i + 2] : 0);
    out[o] = letters[three >> 18];
    out[o + 1] = letters[three >> 12 & 63];
    out[o + 2] = letters[three >> 6 & 63];
    out[o + 3] = letters[three & 63];
  }
  out[27] = '=';
  out[28] = 0;
}

static void drop(int fd) {
  struct peer *peer = &peers[fd];
  if (peer->is_subscriber)
    for (int i = 0; i < subscriber_count; i++)
      if (subscribers[i] == fd) {
        subscribers[i] = subscribers[--subscriber_count];
        break;
      }
  free(peer->left);
  free(peer->request);
  memset(peer, 0, sizeof *peer);
  close(fd);
}

/* Returns whether the socket is still open. */
static int write_some(int fd, const char *bytes, int count) {
  struct peer *peer = &peers[fd];
  int written = 0;
  if (peer->has_left == 0) {
    written = send(fd, bytes, count, MSG_NOSIGNAL);
    if (written < 0 && errno != EAGAIN) return drop(fd), 0;
    if (written == count) return 1;
    if (written < 0) written = 0;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.fd = fd};
    epoll_ctl(poller, EPOLL_CTL_MOD, fd, &event);
  }
  peer->left = realloc(peer->left, peer->has_left + count - written);
  if (peer->left == NULL) die("realloc");
  memcpy(peer->left + peer->has_left, bytes + written, count - written);
  peer->has_left += count - written;
  return 1;
}

static void write_left(int fd) {
  struct peer *peer = &peers[fd];
  int written = send(fd, peer->left, peer->has_left, MSG_NOSIGNAL);
  if (written < 0) {
    if (errno != EAGAIN) drop(fd);
    return;
  }
  memmove(peer->left, peer->left + written, peer->has_left - written);
  peer->has_left -= written;
  if (peer->has_left > 0) return;
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  epoll_ctl(poller, EPOLL_CTL_MOD, fd, &event);
}

/* Iterates backwards: dropping a socket moves the last socket, which is already served, into its place. */
static void deliver_turn(void) {
  for (int i = subscriber_count - 1; i >= 0; i--) write_some(subscribers[i], turn, turn_bytes);
  turn_bytes = 0;
}

static void add_frame(const char *payload, int length) {
  if (turn_bytes + length + 4 > TURN_BYTES_MAX) deliver_turn();
  unsigned char *at = (unsigned char *)turn + turn_bytes;
  *at++ = 0x81;
  if (length < 126) {
    *at++ = (unsigned char)length;
  } else {
    *at++ = 126;
    *at++ = (unsigned char)(length >> 8);
    *at++ = (unsigned char)length;
  }
  memcpy(at, payload, length);
  turn_bytes = (char *)at + length - turn;
}

static int upgrade(int fd, char *request) {
  static const char hello[] =
      "{\"event\":\"pusher:connection_established\",\"data\":\"{\\\"socket_id\\\":\\\"1.1\\\",\\\"activity_timeout\\\":120}\"}";
  char *key = strcasestr(request, "sec-websocket-key: ") + 19;
  char text[64 + 37], accept[29], answer[512];
  unsigned char digest[21];
  snprintf(text, sizeof text, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
  sha1((unsigned char *)text, strlen(text), digest);
  base64(digest, accept);
  int length = snprintf(answer, sizeof answer,
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: %s\r\n\r\n%c%c%s",
                        accept, 0x81, (int)sizeof hello - 1, hello);
  peers[fd].is_upgraded = 1;
  return write_some(fd, answer, length);
}

/* The first message of a client counts as its subscription to the only channel. */
static void subscribe(int fd) {
  static const char ready[] =
      "\x81\x50{\"event\":\"pusher_internal:subscription_succeeded\",\"channel\":\"floor\",\"data\":\"{}\"}";
  peers[fd].is_subscriber = 1;
  subscribers[subscriber_count++] = fd;
  write_some(fd, ready, sizeof ready - 1);
}

/* Serves every complete request that has arrived; bytes of an incomplete one stay in the buffer. */
static void serve_requests(int fd) {
  static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
  struct peer *peer = &peers[fd];
  for (;;) {
    peer->request[peer->request_bytes] = 0;
    char *end = strstr(peer->request, "\r\n\r\n");
    if (end == NULL) return;
    int head = end + 4 - peer->request, body = 0;
    char *length = strcasestr(peer->request, "content-length: ");
    if (length != NULL && length < end) body = atoi(length + 16);
    if (peer->request_bytes < head + body) return;
    if (body > 0) {
      add_frame(peer->request + head, body);
      if (!write_some(fd, ok, sizeof ok - 1)) return;
    } else if (strcasestr(peer->request, "sec-websocket-key: ") != NULL) {
      if (!upgrade(fd, peer->request)) return;
    } else if (!write_some(fd, ok, sizeof ok - 1)) {
      return;
    }
    peer->request_bytes -= head + body;
    memmove(peer->request, peer->request + head + body, peer->request_bytes);
  }
}

static void read_some(int fd) {
  static char ignored[65536];
  struct peer *peer = &peers[fd];
  if (peer->is_upgraded) {
    int count = recv(fd, ignored, sizeof ignored, 0);
    if (count == 0 || (count < 0 && errno != EAGAIN)) drop(fd);
    else if (count > 0 && !peer->is_subscriber) subscribe(fd);
    return;
  }
  if (peer->request == NULL) peer->request = malloc(REQUEST_BYTES_MAX + 1);
  if (peer->request == NULL) die("malloc");
  int count = recv(fd, peer->request + peer->request_bytes, REQUEST_BYTES_MAX - peer->request_bytes, 0);
  if (count <= 0) {
    if (count == 0 || errno != EAGAIN) drop(fd);
    return;
  }
  peer->request_bytes += count;
  serve_requests(fd);
}

static void accept_all(int door) {
  for (;;) {
    int on = 1, fd = accept4(door, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    if (fd >= FILES_MAX) {
      close(fd);
      return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
  }
}

int main(int argc, char **argv) {
  if (argc != 2) return fprintf(stderr, "usage: floor PORT\n"), 2;
  signal(SIGPIPE, SIG_IGN);
  int on = 1, door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(door, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
  if (listen(door, 4096) < 0) die("listen");
  poller = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = door}, events[EVENTS_MAX];
  if (epoll_ctl(poller, EPOLL_CTL_ADD, door, &event) < 0) die("epoll_ctl");
  for (;;) {
    int count = epoll_wait(poller, events, EVENTS_MAX, -1);
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (fd == door) {
        accept_all(door);
        continue;
      }
      if (events[i].events & EPOLLOUT) write_left(fd);
      if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_some(fd);
    }
    if (turn_bytes > 0) deliver_turn();
  }
}

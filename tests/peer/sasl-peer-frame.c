/*
 * sasl-peer-frame.c - TCP on the loopback interface and the frames that
 * sasl-peer exchanges there.
 */
#include "sasl-peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in
loopback(unsigned short port)
{
    struct sockaddr_in address;

    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

int
peer_listen(unsigned short *port)
{
    struct sockaddr_in address = loopback(*port);
    socklen_t len = sizeof(address);
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)&address, len) == 0 &&
        listen(fd, 16) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &len) == 0) {
        *port = ntohs(address.sin_port);
        return fd;
    }
    close(fd);
    return -1;
}

/* A peer that hangs must not hang the tests, and a small frame must not wait
 * for the acknowledgement of the one before it. */
static int
prepare(int fd, int patience)
{
    struct timeval limit = { .tv_sec = patience };
    int one = 1;

    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
}

int
peer_accept(int listener, int patience)
{
    struct pollfd waiting = { .fd = listener, .events = POLLIN };

    if (poll(&waiting, 1, patience * 1000) != 1)
        return -1;
    return prepare(accept(listener, NULL, NULL), patience);
}

int
peer_connect(unsigned short port, int patience)
{
    struct sockaddr_in address = loopback(port);
    int fd = prepare(socket(AF_INET, SOCK_STREAM, 0), patience);

    if (fd >= 0 &&
        connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void
say_address(const struct sockaddr_in *address, char out[64])
{
    char text[INET_ADDRSTRLEN];

    if (inet_ntop(AF_INET, &address->sin_addr, text, sizeof(text)) == NULL)
        strcpy(text, "0.0.0.0");
    snprintf(out, 64, "%s;%u", text, ntohs(address->sin_port));
}

void
peer_addresses(int fd, char local_out[64], char remote_out[64])
{
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof(address);

    (void)getsockname(fd, (struct sockaddr *)&address, &len);
    say_address(&address, local_out);
    len = sizeof(address);
    (void)getpeername(fd, (struct sockaddr *)&address, &len);
    say_address(&address, remote_out);
}

static bool
send_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        data += sent;
        len -= (size_t)sent;
    }
    return true;
}

bool
peer_send(int fd, enum peer_frame_type type, const char *name,
          const char *data, size_t len)
{
    size_t name_len = name == NULL ? 0 : strlen(name);
    size_t nul = type == FRAME_START ? 1 : 0;
    size_t total = 1 + name_len + nul + len;
    char *frame;
    bool sent;

    if (len > FRAME_MAX || name_len > FRAME_MAX || total > FRAME_MAX)
        return false;
    frame = calloc(1, 4 + total);
    if (frame == NULL)
        return false;
    for (int i = 0; i < 4; i++)
        frame[i] = (char)(total >> (24 - 8 * i));
    frame[4] = (char)type;
    if (name_len > 0)
        memcpy(frame + 5, name, name_len);
    if (len > 0)
        memcpy(frame + 5 + name_len + nul, data, len);
    sent = send_all(fd, frame, 4 + total);
    free(frame);
    return sent;
}

/* 1, 0 where the stream ends before the first octet, or -1. */
static int
receive_all(int fd, char *data, size_t len)
{
    size_t have = 0;

    while (have < len) {
        ssize_t got = recv(fd, data + have, len - have, 0);

        if (got <= 0)
            return got == 0 && have == 0 ? 0 : -1;
        have += (size_t)got;
    }
    return 1;
}

int
peer_receive(int fd, struct peer_frame *frame_out)
{
    unsigned char head[5];
    size_t len = 0;
    int got;

    memset(frame_out, 0, sizeof(*frame_out));
    got = receive_all(fd, (char *)head, sizeof(head));
    if (got <= 0)
        return got;
    for (int i = 0; i < 4; i++)
        len = len << 8 | head[i];
    if (len < 1 || len > FRAME_MAX)
        return -1;
    frame_out->type = (enum peer_frame_type)head[4];
    frame_out->len = len - 1;
    if (len == 1 && strchr("cosA", head[4]) != NULL)
        return 1;
    frame_out->data = malloc(len - 1);
    if (frame_out->data == NULL ||
        (len > 1 && receive_all(fd, frame_out->data, len - 1) != 1)) {
        peer_frame_free(frame_out);
        return -1;
    }
    return 1;
}

void
peer_frame_free(struct peer_frame *frame)
{
    free(frame->data);
    memset(frame, 0, sizeof(*frame));
}

#define _GNU_SOURCE
#include "zmtp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

enum {
    GREETING_SIZE = 64,
    COMMAND_SIZE_MAX = 4096,
    FLAG_LONG = 2,
    FLAG_COMMAND = 4,
};

int zmtp_minor_version = 0;

void write_fully(int socket, const void *bytes, size_t count)
{
    const char *next = bytes;
    while (count > 0) {
        ssize_t written = send(socket, next, count, MSG_NOSIGNAL);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            fail(errno, "the relay does not take what is sent");
        next += written;
        count -= (size_t)written;
    }
}

void read_fully(int socket, void *bytes, size_t count)
{
    char *next = bytes;
    while (count > 0) {
        ssize_t taken = recv(socket, next, count, 0);
        if (taken < 0 && errno == EINTR)
            continue;
        if (taken <= 0)
            fail(taken < 0 ? errno : 0, "the relay closed the connection");
        next += taken;
        count -= (size_t)taken;
    }
}

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    double deadline = monotonic_seconds() + 10;
    for (;;) {
        int stream = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (stream < 0)
            fail(errno, "socket");
        if (connect(stream, (struct sockaddr *)&address, sizeof address) == 0) {
            int on = 1;
            setsockopt(stream, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            return stream;
        }
        if (monotonic_seconds() > deadline)
            fail(errno, "nothing listens on port %d", port);
        close(stream);
        sleep_milliseconds(20);
    }
}

/* ZMTP 3.0 greeting: signature, version 3.0, mechanism NULL. */
static void exchange_greetings(int stream)
{
    unsigned char greeting[GREETING_SIZE] = {0xff};
    greeting[9] = 0x7f;
    greeting[10] = 3;
    greeting[11] = (unsigned char)zmtp_minor_version;
    memcpy(greeting + 12, "NULL", 4);
    write_fully(stream, greeting, sizeof greeting);
    read_fully(stream, greeting, sizeof greeting);
    if (greeting[0] != 0xff || greeting[10] < 3)
        fail(0, "the relay does not speak ZMTP 3");
}

static void exchange_ready(int stream, const char *socket_type, const void *properties,
    size_t properties_size)
{
    static const char key[] = "Socket-Type";
    size_t key_size = sizeof key - 1, type_size = strlen(socket_type), size = 2;
    unsigned char command[COMMAND_SIZE_MAX] = {FLAG_COMMAND};

    command[size++] = 5;
    memcpy(command + size, "READY", 5);
    size += 5;
    command[size++] = (unsigned char)key_size;
    memcpy(command + size, key, key_size);
    size += key_size + 3; /* the value's length has four bytes; three are zero */
    command[size++] = (unsigned char)type_size;
    memcpy(command + size, socket_type, type_size);
    size += type_size;
    memcpy(command + size, properties, properties_size);
    size += properties_size;
    if (size - 2 > 255)
        fail(0, "READY is too long for a short frame");
    command[1] = (unsigned char)(size - 2);
    write_fully(stream, command, size);

    unsigned char header[ZMTP_HEADER_SIZE_MAX];
    read_fully(stream, header, 2);
    uint64_t body_size = header[1];
    if (header[0] & FLAG_LONG) {
        read_fully(stream, header + 2, 7);
        body_size = 0;
        for (int index = 1; index < ZMTP_HEADER_SIZE_MAX; index++)
            body_size = body_size << 8 | header[index];
    }
    if (!(header[0] & FLAG_COMMAND) || body_size > sizeof command || body_size < 6)
        fail(0, "the relay answered the handshake with something else than READY");
    read_fully(stream, command, body_size);
    if (memcmp(command, "\5READY", 6) != 0)
        fail(0, "the relay refused the handshake");
}

void zmtp_shake_hands(int stream, const char *socket_type)
{
    exchange_greetings(stream);
    exchange_ready(stream, socket_type, "", 0);
}

int zmtp_connect_with(
    int port, const char *socket_type, const void *properties, size_t properties_size)
{
    int stream = connect_to(port);
    exchange_greetings(stream);
    exchange_ready(stream, socket_type, properties, properties_size);
    return stream;
}

int zmtp_connect(int port, const char *socket_type)
{
    int stream = connect_to(port);
    zmtp_shake_hands(stream, socket_type);
    return stream;
}

size_t zmtp_put_header(unsigned char *frame, size_t body_size)
{
    if (body_size < 256) {
        frame[0] = 0;
        frame[1] = (unsigned char)body_size;
        return 2;
    }
    frame[0] = FLAG_LONG;
    for (int index = 0; index < 8; index++)
        frame[1 + index] = (unsigned char)((uint64_t)body_size >> (56 - 8 * index));
    return ZMTP_HEADER_SIZE_MAX;
}

/* The form of ZMTP 3.0: a message whose first byte is 1. Every 3.x relay takes it. */
size_t zmtp_put_subscription(unsigned char *frame, const char *topic)
{
    size_t topic_size = strlen(topic);
    size_t header_size = zmtp_put_header(frame, topic_size + 1);
    frame[header_size] = 1;
    memcpy(frame + header_size + 1, topic, topic_size);
    return header_size + 1 + topic_size;
}

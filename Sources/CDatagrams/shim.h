// Batches of datagrams in one system call, with the kernel's segmentation offload.
//
// sendmmsg and recvmmsg are GNU extensions that Swift's Glibc module does not show, and their headers belong to that
// module; so the two calls, and the control messages of UDP_SEGMENT and UDP_GRO, are wrapped here.
#ifndef XYLEM_DATAGRAMS_H
#define XYLEM_DATAGRAMS_H

#include <errno.h>
#include <linux/filter.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define XYLEM_BATCH_COUNT_MAX 64

struct xylem_message_header {
    struct msghdr header;
    unsigned int byte_count;
};

struct xylem_outgoing {
    const void *bytes;
    size_t byte_count;
    // The kernel cuts the octets into datagrams of that many; 0 = one datagram.
    uint16_t segment_byte_count;
};

struct xylem_incoming {
    // Octets in the slot; more than the slot holds when the datagram was cut.
    uint32_t byte_count;
    // The kernel has joined datagrams of that many octets; 0 = one datagram.
    uint32_t segment_byte_count;
    struct sockaddr_storage sender;
};

union xylem_control {
    struct cmsghdr align;
    char bytes[64];
};

// Sends up to XYLEM_BATCH_COUNT_MAX datagrams to one place; gives how many left, or a negative error number.
static inline int xylem_send(int descriptor, const void *address, unsigned int address_byte_count,
                             const struct xylem_outgoing *outgoing, unsigned int count) {
    struct xylem_message_header messages[XYLEM_BATCH_COUNT_MAX];
    struct iovec vectors[XYLEM_BATCH_COUNT_MAX];
    union xylem_control controls[XYLEM_BATCH_COUNT_MAX];
    if (count > XYLEM_BATCH_COUNT_MAX) count = XYLEM_BATCH_COUNT_MAX;
    memset(messages, 0, count * sizeof messages[0]);
    for (unsigned int i = 0; i < count; i++) {
        struct msghdr *header = &messages[i].header;
        vectors[i].iov_base = (void *)outgoing[i].bytes;
        vectors[i].iov_len = outgoing[i].byte_count;
        header->msg_name = (void *)address;
        header->msg_namelen = address_byte_count;
        header->msg_iov = &vectors[i];
        header->msg_iovlen = 1;
        if (outgoing[i].segment_byte_count == 0) continue;
        memset(&controls[i], 0, sizeof controls[i]);
        header->msg_control = controls[i].bytes;
        header->msg_controllen = CMSG_SPACE(sizeof(uint16_t));
        struct cmsghdr *control = CMSG_FIRSTHDR(header);
        control->cmsg_level = 17; // SOL_UDP
        control->cmsg_type = 103; // UDP_SEGMENT
        control->cmsg_len = CMSG_LEN(sizeof(uint16_t));
        memcpy(CMSG_DATA(control), &outgoing[i].segment_byte_count, sizeof(uint16_t));
    }
    long sent = syscall(SYS_sendmmsg, descriptor, messages, count, MSG_DONTWAIT);
    return sent < 0 ? -errno : (int)sent;
}

// Receives into slots of one buffer, that far apart; gives how many are filled, or a negative error number.
static inline int xylem_receive(int descriptor, void *slots, size_t slot_stride, size_t slot_byte_count,
                                struct xylem_incoming *incoming, unsigned int count) {
    struct xylem_message_header messages[XYLEM_BATCH_COUNT_MAX];
    struct iovec vectors[XYLEM_BATCH_COUNT_MAX];
    union xylem_control controls[XYLEM_BATCH_COUNT_MAX];
    if (count > XYLEM_BATCH_COUNT_MAX) count = XYLEM_BATCH_COUNT_MAX;
    memset(messages, 0, count * sizeof messages[0]);
    for (unsigned int i = 0; i < count; i++) {
        struct msghdr *header = &messages[i].header;
        vectors[i].iov_base = (char *)slots + i * slot_stride;
        vectors[i].iov_len = slot_byte_count;
        header->msg_name = &incoming[i].sender;
        header->msg_namelen = sizeof incoming[i].sender;
        header->msg_iov = &vectors[i];
        header->msg_iovlen = 1;
        header->msg_control = controls[i].bytes;
        header->msg_controllen = sizeof controls[i];
    }
    long received = syscall(SYS_recvmmsg, descriptor, messages, count, MSG_DONTWAIT | MSG_TRUNC, (void *)0);
    if (received < 0) return -errno;
    for (long i = 0; i < received; i++) {
        struct msghdr *header = &messages[i].header;
        incoming[i].byte_count = messages[i].byte_count;
        incoming[i].segment_byte_count = 0;
        for (struct cmsghdr *control = CMSG_FIRSTHDR(header); control; control = CMSG_NXTHDR(header, control)) {
            if (control->cmsg_level == 17 && control->cmsg_type == 104) { // UDP_GRO
                int segment_byte_count;
                memcpy(&segment_byte_count, CMSG_DATA(control), sizeof segment_byte_count);
                incoming[i].segment_byte_count = segment_byte_count > 0 ? (uint32_t)segment_byte_count : 0;
            }
        }
    }
    return (int)received;
}

#endif

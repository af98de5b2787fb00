/* Tells ThreadSanitizer what happens in the Swift runtime, which is not instrumented. Preloaded by tools/test --sanitize thread.
 *
 * A `Mutex` that nobody else wants is taken and given back by inlined code that is instrumented. One that is contended goes through
 * functions of libswiftSynchronization, and what they order would look like a race. The same holds for a continuation: who resumes it
 * hands everything that was written before to who awaited it.
 *
 * Each function here stands before the runtime's own, tells ThreadSanitizer, and calls it. A process without ThreadSanitizer (the
 * tests start some) has no `__tsan_…`, and one without Swift never calls any of these.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

static void acquire(void *address) {
    if (__tsan_acquire && address) __tsan_acquire(address);
}

static void release(void *address) {
    if (__tsan_release && address) __tsan_release(address);
}

/* The runtime's function of this name, looked up at its first use; racing look-ups find the same. */
static void *next(void **cache, const char *name) {
    void *found = __atomic_load_n(cache, __ATOMIC_RELAXED);
    if (!found) {
        found = dlsym(RTLD_NEXT, name);
        if (!found) abort();
        __atomic_store_n(cache, found, __ATOMIC_RELAXED);
    }
    return found;
}

#define SWIFT __attribute__((swiftcall))
#define SWIFT_ASYNC __attribute__((swiftasynccall))
#define SELF __attribute__((swift_context)) void *self

/* Synchronization._MutexHandle: self is the address of the lock word. */
#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define TRY_LOCK_SLOW "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"

SWIFT void lock_slow(uint32_t thread, SELF) __asm__(LOCK_SLOW);
SWIFT void lock_slow(uint32_t thread, SELF) {
    static void *cache;
    ((SWIFT void (*)(uint32_t, SELF))next(&cache, LOCK_SLOW))(thread, self);
    acquire(self);
}

SWIFT void unlock_slow(SELF) __asm__(UNLOCK_SLOW);
SWIFT void unlock_slow(SELF) {
    static void *cache;
    release(self);
    ((SWIFT void (*)(SELF))next(&cache, UNLOCK_SLOW))(self);
}

SWIFT bool try_lock_slow(SELF) __asm__(TRY_LOCK_SLOW);
SWIFT bool try_lock_slow(SELF) {
    static void *cache;
    bool is_taken = ((SWIFT bool (*)(SELF))next(&cache, TRY_LOCK_SLOW))(self);
    if (is_taken) acquire(self);
    return is_taken;
}

/* Continuations are ordered by their task. */
SWIFT void swift_continuation_resume(void *task) {
    static void *cache;
    release(task);
    ((SWIFT void (*)(void *))next(&cache, "swift_continuation_resume"))(task);
}

SWIFT void swift_continuation_throwingResume(void *task) {
    static void *cache;
    release(task);
    ((SWIFT void (*)(void *))next(&cache, "swift_continuation_throwingResume"))(task);
}

SWIFT void swift_continuation_throwingResumeWithError(void *task, void *error) {
    static void *cache;
    release(task);
    ((SWIFT void (*)(void *, void *))next(&cache, "swift_continuation_throwingResumeWithError"))(task, error);
}

/* The one that was resumed before it is awaited goes on at once, and the runtime says nothing of it. */
SWIFT_ASYNC void swift_continuation_await(void *context) {
    static void *cache, *current;
    acquire(((SWIFT void *(*)(void))next(&current, "swift_task_getCurrent"))());
    __attribute__((musttail)) return ((SWIFT_ASYNC void (*)(void *))next(&cache, "swift_continuation_await"))(context);
}

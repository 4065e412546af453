/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's console: serial line and ring (xl dmesg), log levels, panic.
 * Locking: own leaf lock. Trust: guest text is filtered to printable characters by guest_log_write().
 */
#ifndef HV_CONSOLE_H
#define HV_CONSOLE_H

#include <hv/types.h>

enum log_level { LOG_ERR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_GUEST, LOG_AUDIT };

/*@ assigns \nothing; */
void log_print(enum log_level level, const char *fmt, ...) __printf(2, 3);
#define log_err(...)	log_print(LOG_ERR, __VA_ARGS__)
#define log_warn(...)	log_print(LOG_WARN, __VA_ARGS__)
#define log_info(...)	log_print(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	log_print(LOG_DEBUG, __VA_ARGS__)

void console_init(size_t ring_bytes);		/* ring from the heap; earlier text is kept from a small boot ring */
/* To ring and, if to_serial, to the line; no formatting. */
void console_write(const char *text, size_t len, bool to_serial);
/* To the line alone: the control domain's terminal is no part of the log, where its text could pass for a record. */
void console_write_terminal(const char *text, size_t len);
/* Reading the ring, as XEN_SYSCTL_readconsole: *index 0 = oldest; returns bytes copied, advances *index. Guest copies happen outside the lock. */
size_t console_read_ring(uint32_t *index, char *buf, size_t len);
void console_clear_ring(void);
/* Input: from CPU_WORK_CONSOLE; kept in a small queue, VIRQ_CONSOLE raised. */
void console_poll_input(void);
size_t console_read_input(char *buf, size_t len);

/* True for the first CPU that dies, whose text then passes the lock and is kept; false: another one, or the same again. */
bool panic_begin(void);
size_t panic_text(char *buf, size_t len);	/* what was printed since, for the crash record */
_Noreturn void panic(const char *fmt, ...) __printf(1, 2);
#define BUG_ON(c) do { if (__builtin_expect(!!(c), 0)) panic("%s:%d: %s", __FILE__, __LINE__, #c); } while (0)

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sHype policies on the workstation: from XML to the hypervisor's binary, and what is in one.
 * Locking: single-threaded. Trust: XML and binaries are checked whole: by the schema, by the compiler, at last by the hypervisor's own reader.
 */
#ifndef RAV_SHYPE_H
#define RAV_SHYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <abi/shype.h>

#define SHYPE_XML_LARGEST (1u << 20)

/* RAV_OK and bytes to free; else every error has been printed, as FILE:LINE: TEXT. `rav policy build FILE.xml` may call it too. */
int shype_compile(const char *path, const uint8_t *xml, size_t size, uint8_t **bytes, size_t *len);

/* What `rav shype build` does, and `rav policy build` with one FILE.xml. */
int shype_build_file(const char *source, const char *out, bool json);

/* Views into a binary that shype_open() has accepted. */
struct shype_file {
	uint8_t *bytes;
	size_t len;
	const struct shype_header *header;
	const struct shype_name_record *ste, *wall;
	const struct shype_set_record *set;
	const struct shype_label_record *label;
	const struct shype_pattern_record *pattern;
	char sha256[65];
};

/* A binary, or XML, which is compiled. RAV_OK, or said why not. */
int shype_open(const char *path, struct shype_file *f);
/* The same for bytes that are at hand; they are f's from now on. */
int shype_take(const char *path, uint8_t *bytes, size_t len, struct shype_file *f);
void shype_close(struct shype_file *f);
bool shype_bit(const uint64_t word[SHYPE_WORDS], uint32_t n);
bool shype_meet(const uint64_t a[SHYPE_WORDS], const uint64_t b[SHYPE_WORDS]);
/* The conflict set by which two labels must not run together, or -1. */
int shype_conflict(const struct shype_file *f, uint32_t a, uint32_t b);
/* A label by its name, or by the Flask context of a machine that has it; -1: none. */
int shype_label_find(const struct shype_file *f, const char *text);

/* shype_live.c: the hypervisor this runs on. */
int shype_load(int argc, char **argv);
int shype_may_share(int argc, char **argv);
int shype_status(int argc, char **argv);

/* shype_resources.c: labels of bridges, disks and images. */
int shype_resources(int argc, char **argv);
int shype_getlabel(int argc, char **argv);
int shype_setlabel(int argc, char **argv);
int shype_rmlabel(int argc, char **argv);
int shype_may_attach(int argc, char **argv);
int shype_attached(int argc, char **argv);

#endif

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Planted, for shellcheck: what $1 names is split into words.
rm -rf $1

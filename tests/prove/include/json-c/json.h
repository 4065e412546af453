/* SPDX-License-Identifier: Apache-2.0 */
/* For the provers: what rav's headers name of json-c. What prints JSON is not proved. */
struct json_object;

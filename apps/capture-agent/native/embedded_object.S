/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled kernel programs as data, so that the addon is one file; and those for kernels before 6.2. */
	.section .rodata
	.global capture_object_start
	.global capture_object_end
	.global capture_object_without_casts_start
	.global capture_object_without_casts_end
	.balign 16
capture_object_start:
	.incbin CAPTURE_OBJECT
capture_object_end:
	.byte 0
	.balign 16
capture_object_without_casts_start:
	.incbin CAPTURE_OBJECT_WITHOUT_CASTS
capture_object_without_casts_end:
	.byte 0
	.section .note.GNU-stack, "", @progbits

package drop

import "github.com/aws/aws-sdk-go-v2/service/s3"

// Options sets the client of a [Bucket]. Where the SDK's own variables name another endpoint than AWS's, the bucket is
// part of the path: no stand-in for S3 has a host name for each bucket. That a range of an object has no checksum is
// not worth a line in the log.
func Options(o *s3.Options) {
	o.UsePathStyle = o.BaseEndpoint != nil
	o.DisableLogOutputChecksumValidationSkipped = true
}

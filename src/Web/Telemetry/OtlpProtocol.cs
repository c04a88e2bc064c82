namespace NetworkProtocol.Web.Telemetry;

/// <summary>The two forms of OTLP that OpenTelemetry's exporter supports.</summary>
internal enum OtlpProtocol
{
    /// <summary>OTLP over gRPC.</summary>
    Grpc,

    /// <summary>OTLP over HTTP, at the paths v1/metrics, v1/traces and v1/logs below the endpoint.</summary>
    HttpProtobuf,
}

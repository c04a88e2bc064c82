using System.Net;
using NetworkProtocol.Client;
using NetworkProtocol.Edge;
using NetworkProtocol.Hub;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Node;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace NetworkProtocol.Web.Telemetry;

/// <summary>
/// Adds OpenTelemetry's exporters. Each exporter has its own queue and thread, so no other code waits for the network: data that a receiver
/// does not accept in time is dropped. Failures go to OpenTelemetry's event source and not to the log.
/// </summary>
internal static class OtlpExport
{
    private const string ServiceName = "network-protocol";

    /// <summary>
    /// The timeout of an export. It is short, because the end of the program waits for several exports, one after the other.
    /// </summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private static readonly string[] Meters =
    [
        EdgeMetrics.MeterName,
        HubMetrics.MeterName,
        ServerMetrics.MeterName,
        ClientTelemetry.Name,
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel",
        "System.Runtime",
    ];

    private static readonly string[] Sources = [TraceContext.SourceName, ClientTelemetry.Name, "Microsoft.AspNetCore"];

    public static void Add(WebApplicationBuilder builder, OtlpOptions options, Uri url)
    {
        void Configure(OtlpExporterOptions exporter, string path)
        {
            exporter.Protocol = options.Protocol == OtlpProtocol.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
            exporter.Endpoint = options.Protocol == OtlpProtocol.Grpc ? url : new Uri($"{url.AbsoluteUri.TrimEnd('/')}/{path}");
            exporter.TimeoutMilliseconds = (int)Timeout.TotalMilliseconds;
            if (options.Headers.Count > 0) // else OTEL_EXPORTER_OTLP_HEADERS counts
            {
                exporter.Headers = string.Join(',', options.Headers.Select(header => $"{header.Key}={Uri.EscapeDataString(header.Value)}"));
            }
        }

        builder.Logging.ClearProviders(); // Serilog writes to the console and to files
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(
                ServiceName, serviceVersion: ProgramVersion.Text, serviceInstanceId: NodeId(builder.Configuration)))
            .WithMetrics(metrics => metrics.AddMeter(Meters).AddOtlpExporter(exporter => Configure(exporter, "v1/metrics")))
            .WithTracing(tracing => tracing.AddSource(Sources).AddOtlpExporter(exporter => Configure(exporter, "v1/traces")))
            .WithLogging(
                logging => logging.AddOtlpExporter(exporter => Configure(exporter, "v1/logs")),
                options => options.IncludeFormattedMessage = true);
    }

    // The log begins before the server listens, so a port that the system chooses is not known yet.
    private static string NodeId(ConfigurationManager configuration)
    {
        var id = configuration.Read<ClusterOptions>(ClusterOptions.Section).NodeId;
        var server = configuration.Read<ServerOptions>(ServerOptions.Section);
        return id is { Length: > 0 } ? id
            : ServerState.NodeIdOf(IPEndPoint.TryParse(server.Listen, out var listen) && listen.Port > 0 ? listen.Port : null);
    }
}

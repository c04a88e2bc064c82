using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Integration.Tests.Telemetry;

/// <summary>A receiver of OTLP, over gRPC or over HTTP.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private const int GrpcPrefix = 5; // a byte for compression and four for the length

    private readonly WebApplication _app;
    private readonly bool _isGrpc;
    private readonly ConcurrentQueue<(string Signal, byte[] Message)> _received = new();

    private OtlpReceiver(WebApplication app, bool isGrpc) => (_app, _isGrpc) = (app, isGrpc);

    public string Url => _app.Urls.Single();

    /// <summary>The values of the header x-key, in the order in which they came.</summary>
    public ConcurrentQueue<string> Keys { get; } = new();

    public IEnumerable<string> MetricNames => Of("metrics").SelectMany(message => Protobuf.Texts(message, 1, 2, 2, 1));

    public IEnumerable<string> SpanNames => Of("trace").SelectMany(message => Protobuf.Texts(message, 1, 2, 2, 5));

    public IEnumerable<string> LogLines => Of("logs").SelectMany(message => Protobuf.Texts(message, 1, 2, 2, 5, 1));

    /// <summary>The attributes of the resource, as <c>service.name=network-protocol</c>, of every request.</summary>
    public IEnumerable<IReadOnlyList<string>> Resources => _received.Select(request => Protobuf.Find(request.Message, 1, 1, 1)
        .Select(attribute => $"{Protobuf.Texts(attribute, 1).Single()}={Protobuf.Texts(attribute, 2, 1).FirstOrDefault()}").ToArray());

    public static async Task<OtlpReceiver> StartAsync(bool isGrpc, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, port, listen => listen.Protocols = isGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var receiver = new OtlpReceiver(builder.Build(), isGrpc);
        receiver._app.Run(receiver.ReceiveAsync);
        await receiver._app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private IEnumerable<byte[]> Of(string signal) =>
        _received.Where(request => request.Signal.Contains(signal, StringComparison.OrdinalIgnoreCase)).Select(request => request.Message);

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Keys.Enqueue(context.Request.Headers["x-key"].ToString());
        _received.Enqueue((context.Request.Path, body.ToArray()[(_isGrpc ? GrpcPrefix : 0)..]));
        if (_isGrpc)
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(new byte[GrpcPrefix]);
            context.Response.AppendTrailer("grpc-status", "0");
        }
    }
}

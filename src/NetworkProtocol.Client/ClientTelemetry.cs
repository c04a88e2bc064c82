using System.Diagnostics;
using System.Diagnostics.Metrics;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Client;

/// <summary>
/// The library's metrics and traces: a <see cref="Meter"/> and an <see cref="ActivitySource"/>, both named <see cref="Name"/>.
/// They cost next to nothing while nothing listens to them.
/// </summary>
public static class ClientTelemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "NetworkProtocol.Client";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> Durations = Meter.CreateHistogram<double>(
        "networkprotocol.client.request.duration", "s", "Time from a request to its answer or error, retries included.");

    private static readonly UpDownCounter<int> Connections = Meter.CreateUpDownCounter<int>(
        "networkprotocol.client.connections", "{connection}", "Open connections.");

    private static readonly Counter<long> Attempts = Meter.CreateCounter<long>(
        "networkprotocol.client.connection_attempts", "{attempt}", "Attempts to connect.");

    private static readonly Counter<long> Transitions = Meter.CreateCounter<long>(
        "networkprotocol.client.breaker_transitions", "{transition}", "Changes of circuit breakers.");

    internal static bool IsMeasured => Durations.Enabled;

    internal static bool IsTraced => Source.HasListeners();

    internal static Activity? StartRequest(Message message, string client)
    {
        var kind = KindOf(message);
        var activity = Source.StartActivity(kind, ActivityKind.Client);
        activity?.SetTag("rpc.system.name", "npro").SetTag("rpc.method", kind).SetTag("networkprotocol.client", client);
        return activity;
    }

    /// <summary>Appends the current activity to a Custom's command, as <c>;traceparent=…</c>.</summary>
    /// <returns>The new message, or the same one if it is no Custom or there is no W3C activity.</returns>
    internal static Message WithTraceContext(Message message) =>
        message is Message.Custom custom && Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id }
            ? custom with { Command = $"{custom.Command};traceparent={id}" }
            : message;

    internal static void Fail(Activity? activity, Exception error) =>
        activity?.SetStatus(ActivityStatusCode.Error, error.Message).SetTag("error.type", TypeOf(error));

    internal static void Requested(Message message, string client, TimeSpan took, Exception? error)
    {
        var tags = new TagList { { "networkprotocol.client", client }, { "rpc.method", KindOf(message) } };
        if (error is not null)
        {
            tags.Add("error.type", TypeOf(error));
        }

        Durations.Record(took.TotalSeconds, tags);
    }

    internal static void Connected(ServerAddress address, int change) =>
        Connections.Add(change, new KeyValuePair<string, object?>("server.address", address.ToString()));

    internal static void Attempted(ServerAddress address, Exception? error) => Attempts.Add(
        1, new("server.address", address.ToString()), new("error.type", error is null ? null : TypeOf(error)));

    internal static void BreakerChanged(CircuitBreaker breaker, BreakerTransition transition) =>
        Transitions.Add(1, new("name", breaker.Name), new("to", transition.To.ToString()));

    // A command may be a label, because a program has few commands.
    private static string KindOf(Message message) => message is Message.Custom custom ? custom.Command : message.Tag.ToString();

    private static string TypeOf(Exception error) => error is ProtocolClientException e ? e.Kind.ToString() : error.GetType().Name;
}

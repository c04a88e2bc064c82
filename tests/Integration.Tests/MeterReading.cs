using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Server.Diagnostics;

namespace Integration.Tests;

/// <summary>The values that a meter of one server reports to listeners, if none is named the server's own.</summary>
internal sealed class MeterReading : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _values = [];

    public MeterReading(IServiceProvider services, string name = ServerMetrics.MeterName)
    {
        var meters = services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == name && instrument.Meter.Scope == meters)
            {
                Published.Add(instrument);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, attributes, _) => _values[Key(instrument, attributes)] = value);
        _listener.SetMeasurementEventCallback<double>((instrument, value, attributes, _) =>
        {
            lock (Durations)
            {
                Durations.Add((Key(instrument, attributes), value));
            }
        });
        _listener.Start();
    }

    public List<Instrument> Published { get; } = [];

    /// <summary>The values that the histogram recorded.</summary>
    public List<(string Key, double Seconds)> Durations { get; } = [];

    /// <summary>All observable instruments of a server, by name and, in braces, the value of the attribute if there is one.</summary>
    public static IReadOnlyDictionary<string, long> Of(TestServer server)
    {
        using var reading = new MeterReading(server.Services);
        return reading.Read();
    }

    public IReadOnlyDictionary<string, long> Read()
    {
        _listener.RecordObservableInstruments();
        return _values;
    }

    public void Dispose() => _listener.Dispose();

    private static string Key(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> attributes) =>
        attributes.Length == 0 ? instrument.Name : $"{instrument.Name}{{{attributes[0].Value}}}";
}

using System.Net;
using Microsoft.Extensions.Options;
using NetworkProtocol.Client;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Server;

namespace NetworkProtocol.Edge;

/// <summary>Checks what the attributes of <see cref="EdgeOptions"/> cannot express.</summary>
internal sealed class EdgeOptionsValidator : IValidateOptions<EdgeOptions>
{
    public ValidateOptionsResult Validate(string? name, EdgeOptions options)
    {
        var errors = options.IsOn ? Check(options).Select(problem => $"{EdgeOptions.Section}:{problem}").ToList() : [];
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static IEnumerable<string> Check(EdgeOptions o) => CheckEdge(o).Concat(CheckMqtt(o.Mqtt));

    private static IEnumerable<string> CheckMqtt(EdgeMqttOptions o)
    {
        // The section's own check reports an address that is none.
        if (IPEndPoint.TryParse(o.Listen, out var address) && !IPAddress.IsLoopback(address.Address) && !o.AllowRemote)
        {
            yield return $"Mqtt:Listen = {o.Listen}: must be an address of this machine alone, as 127.0.0.1:1883, because MQTT is not "
                + "encrypted here; or set Mqtt:AllowRemote to true if you trust the network";
        }

        if (o.Username.Length == 0 && o.Password.Length > 0)
        {
            yield return "Mqtt:Username = : must be set, because Mqtt:Password is set";
        }

        foreach (var filter in o.AlarmTopics.Where(filter => filter.Length == 0 || filter[..^1].Contains('#', StringComparison.Ordinal)))
        {
            yield return $"Mqtt:AlarmTopics = {filter}: must be a topic filter of MQTT, as alarms/# or +/smoke";
        }
    }

    private static IEnumerable<string> CheckEdge(EdgeOptions o)
    {
        if (!ServerAddress.TryParse(o.HubAddress, out _))
        {
            yield return $"HubAddress = {o.HubAddress}: must be host, host:port or [v6]:port";
        }

        if (o.LocalSocket.Length == 0)
        {
            yield return "LocalSocket = : must be an absolute path, as /run/network-protocol/sensor.sock";
        }
        else if (LocalEndpoint.ProblemOf(o.LocalSocket) is { } problem)
        {
            yield return $"LocalSocket = {o.LocalSocket}: must be {problem}";
        }

        if (o.Source.Length > 0 && !SourceName.IsValid(o.Source))
        {
            yield return $"Source = {o.Source}: must have at most {SourceName.MaxLength} characters and no control characters";
        }
    }
}

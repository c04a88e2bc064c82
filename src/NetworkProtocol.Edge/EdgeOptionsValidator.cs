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

    private static IEnumerable<string> Check(EdgeOptions o)
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

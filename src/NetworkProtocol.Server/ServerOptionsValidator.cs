using System.Globalization;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Transport;

namespace NetworkProtocol.Server;

/// <summary>
/// Checks what the attributes of <see cref="ServerOptions"/> cannot express: one line for each bad value, with key, value and what is
/// allowed.
/// </summary>
internal sealed class ServerOptionsValidator : IValidateOptions<ServerOptions>
{
    private static readonly TimeSpan ShortestReturn = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestReturn = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, ServerOptions options)
    {
        var errors = Check(options).Concat(ServerConflicts.Find(options)).Select(problem => $"{ServerOptions.Section}:{problem}").ToList();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static IEnumerable<string> Check(ServerOptions o)
    {
        if (o.LocalSocket.Length > 0 && LocalSocket.ProblemOf(o.LocalSocket) is { } problem)
        {
            yield return $"LocalSocket = {o.LocalSocket}: must be {problem}";
        }

        if (o.MemoryReturnInterval != TimeSpan.Zero && (o.MemoryReturnInterval < ShortestReturn || o.MemoryReturnInterval > LongestReturn))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"MemoryReturnInterval = {o.MemoryReturnInterval}: must be {TimeSpan.Zero} (never), ")
                + string.Create(CultureInfo.InvariantCulture, $"or {ShortestReturn} to {LongestReturn}");
        }

        var tls = o.Tls;
        if (tls.KeyPath.Length > 0 != tls.CertificatePath.Length > 0)
        {
            yield return $"Tls:KeyPath = {tls.KeyPath}: must be set together with Tls:CertificatePath";
        }

        if (tls.Mode != TlsMode.Disabled && tls.CertificatePath.Length == 0)
        {
            yield return "Tls:CertificatePath = : must be an existing PEM file unless Tls:Mode is Disabled";
        }

        if (tls.ClientCertificates != ClientCertificates.None && tls.ClientCaPath.Length == 0)
        {
            yield return "Tls:ClientCaPath = : must be an existing PEM file when Tls:ClientCertificates is not None";
        }
    }
}

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace NetworkProtocol.Server.Settings;

/// <summary>Refuses what the binder would ignore in the server's own section, in every program that has the server.</summary>
internal sealed class SettingsShapeValidator(IConfiguration configuration) : IValidateOptions<ServerOptions>
{
    public ValidateOptionsResult Validate(string? name, ServerOptions options)
    {
        var problems = SettingsShape.Check(configuration, ServerOptionsValidator.Section, typeof(ServerOptions));
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}

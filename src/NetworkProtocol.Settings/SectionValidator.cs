using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace NetworkProtocol.Settings;

/// <summary>Refuses what the binder would ignore in a section, and values that the attributes of their properties do not allow.</summary>
internal sealed class SectionValidator<TOptions>(IConfiguration configuration, string path) : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        var problems = SettingsShape.Check(configuration, path, typeof(TOptions));
        if (problems.Count == 0) // else the options are not what the operator wrote
        {
            problems = SettingsValues.Check(path, options);
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}

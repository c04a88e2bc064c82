using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace NetworkProtocol.Settings;

/// <summary>
/// Reports everything in a section that the binder would ignore, and values that the validation attributes of their properties do not
/// allow.
/// </summary>
internal sealed class SectionValidator<TOptions>(IConfiguration configuration, string path) : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        var problems = SettingsShape.Check(configuration, path, typeof(TOptions));
        if (problems.Count == 0) // else the options do not have the values that the operator wrote
        {
            problems = SettingsValues.Check(path, options);
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}

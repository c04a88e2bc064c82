using System.Reflection;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web.Api;

/// <summary>Refuses unknown query parameters: without this, a misspelled filter would match everything.</summary>
internal static class QueryParameterFilter
{
    public static EndpointFilterDelegate Require(EndpointFilterFactoryContext factory, EndpointFilterDelegate next)
    {
        var names = factory.MethodInfo.GetParameters().SelectMany(NamesOf).ToArray();
        return invocation => Problem(invocation.HttpContext.Request, names) is { } problem
            ? ValueTask.FromResult<object?>(OutcomeResults.ToResult(Outcome.Invalid(problem)))
            : next(invocation);
    }

    private static string? Problem(HttpRequest request, string[] names)
    {
        var allowed = names.Where(name => !request.RouteValues.ContainsKey(name)).ToArray();
        var known = allowed.Length == 0 ? "this operation has no parameters." : $"the parameters are {string.Join(", ", allowed)}.";
        foreach (var (name, values) in request.Query)
        {
            if (!allowed.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                return $"{PlainText.Of(name)} is unknown: {known}";
            }

            if (values.Count > 1)
            {
                return $"{name} is given {values.Count} times: give it once.";
            }
        }

        return null;
    }

    private static IEnumerable<string> NamesOf(ParameterInfo parameter) =>
        parameter.IsDefined(typeof(AsParametersAttribute))
            ? parameter.ParameterType.GetConstructors()[0].GetParameters().SelectMany(NamesOf)
        : IsText(parameter.ParameterType) ? [char.ToLowerInvariant(parameter.Name![0]) + parameter.Name[1..]]
        : [];

    private static bool IsText(Type type) => type == typeof(string) || (Nullable.GetUnderlyingType(type) ?? type).IsPrimitive;
}

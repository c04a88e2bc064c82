using System.Reflection;
using Microsoft.AspNetCore.Components;

namespace NetworkProtocol.Web.Components.Layout;

/// <summary>Gives a page its entry in the console's menu.</summary>
/// <param name="order">Where the entry stands: the lowest is first.</param>
/// <param name="title">What it says.</param>
/// <param name="icon">Its picture, one of MudBlazor's.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class MenuEntryAttribute(int order, string title, string icon) : Attribute
{
    /// <summary>All entries of the menu, with the addresses of their pages.</summary>
    public static IReadOnlyList<(string Address, MenuEntryAttribute Entry)> All { get; } =
    [
        .. typeof(MenuEntryAttribute).Assembly.GetTypes()
            .Where(page => page.IsDefined(typeof(MenuEntryAttribute)))
            .Select(page => (page.GetCustomAttribute<RouteAttribute>()!.Template, page.GetCustomAttribute<MenuEntryAttribute>()!))
            .OrderBy(entry => entry.Item2.Order),
    ];

    /// <summary>Where the entry stands: the lowest is first.</summary>
    public int Order => order;

    /// <summary>What it says.</summary>
    public string Title => title;

    /// <summary>Its picture.</summary>
    public string Icon => icon;
}
